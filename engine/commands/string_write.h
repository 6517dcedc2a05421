// SPDX-License-Identifier: Apache-2.0
// How commands write what a key holds, in cells (engine/keyspace/cell.h). One place, so that every
// command that changes a string or re-creates a key does it alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/commands/command.h"

namespace quorate::commands {

// What a string holds, empty where there is none. Requires: the object is a string or does not
// exist.
[[nodiscard]] std::string_view StringOf(const KeyContext& context, Bytes& scratch);

// SET: the string replaces all that the key held, its deadline too. A deadline that has passed
// deletes.
void WriteNewString(KeyContext& context, std::string_view value,
                    std::optional<int64_t> deadline_ms = std::nullopt);

// Changes the string and nothing else: the deadline stays, and what others do to it meanwhile. A
// key that does not exist is created. Requires: the object is a string or does not exist.
void RewriteString(KeyContext& context, std::string_view value);

// Sets or removes (nullopt) the deadline of an object that exists. One that has passed deletes it.
void WriteDeadline(KeyContext& context, std::optional<int64_t> deadline_ms);

// The cells that make an object of `type` out of a key that does not exist now, but of which dead
// cells may be left: the tombstone, its type at `version`, and no deadline. The tombstone goes
// along because it may come from a deadline that no other replica has noticed, and will not once a
// later one is set.
void WriteCreation(KeyContext& context, keyspace::CellWriter& writer, const Version& version,
                   keyspace::ObjectType type);

// What the cells of a change need around them: a replica that lacks the object must see the change
// all the same, or a write that was acknowledged by all would show on some. A key that does not
// exist is created; of an object that exists its type goes along.
void EnsureObject(KeyContext& context, keyspace::CellWriter& writer, keyspace::ObjectType type);

// False, with the reply written, where the key holds another type.
[[nodiscard]] bool ExpectType(KeyContext& context, keyspace::ObjectType type);

}  // namespace quorate::commands
