// SPDX-License-Identifier: Apache-2.0
// The command table: for each command its arguments, its keys, what it reads before it writes, and
// how it may be replicated. Arity checks, splitting, routing, COMMAND and its documentation, and
// the simulator's oracle all derive from these rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/planted_bug.h"
#include "engine/commands/reply.h"
#include "engine/keyspace/cell.h"
#include "engine/keyspace/object_view.h"

namespace quorate::commands {

class Server;
class Client;

using Arguments = std::span<const std::string_view>;

// What a data command is to replication.
enum class Class : uint8_t {
  kConnection,       // about the connection or the node; touches no key
  kRead,             // reads one key (or several, split)
  kMergeableWrite,   // writes without having read: its cells merge with any other write's
  kReadModifyWrite,  // what it writes or answers depends on what it read
  kNeedsOneOrder,    // promises something that only one order of all writers can give
  kKeyspace,         // about all keys: scans, counts, deletes them
};

// What a command reads of its key before it executes.
enum class Reads : uint8_t { kNothing, kCells, kObject };

// How a command over several keys becomes one per key, and how the replies become one.
enum class Split : uint8_t {
  kNone,
  kArray,       // one element per key, in the order of the request (MGET)
  kSum,         // the sum of integers (DEL)
  kAllOk,       // OK, or the first error (MSET)
  kJoin,        // what GET answers for each key goes to `join`, which makes the whole (LCS)
  kUnlessHeld,  // 0 if EXISTS finds one of the keys, else every key executes and the reply is 1
                // (MSETNX)
  kSteps,       // a row of steps, each some commands on one key each; `step` says which (RENAME)
};

// As COMMAND prints them.
enum Flag : uint32_t {
  kWrite = 1u << 0,
  kReadonly = 1u << 1,
  kDenyOom = 1u << 2,
  kAdmin = 1u << 3,
  kFast = 1u << 4,
  kNoAuth = 1u << 5,
  kLoading = 1u << 6,
  kStale = 1u << 7,
  kNoScript = 1u << 8,
  kAllowBusy = 1u << 9,
};

// What happens to the value of a key, as COMMAND prints it in the key specification.
enum KeyFlag : uint32_t {
  kKeyReadWrite = 1u << 0,
  kKeyRead = 1u << 1,
  kKeyOverwrite = 1u << 2,
  kKeyRemove = 1u << 3,
  kKeyAccess = 1u << 4,
  kKeyUpdate = 1u << 5,
  kKeyInsert = 1u << 6,
  kKeyDelete = 1u << 7,
  kKeyVariable = 1u << 8,
};

// One execution on one key. Views are valid during the call.
struct KeyContext {
  Arguments args;  // args[0] is the command; a split command has its own key's arguments alone
  std::string_view key;
  keyspace::ObjectView object;  // deadlines already judged
  HybridTime now;               // judge and compute deadlines with this
  Version stamp;                // for the cells that are written; fresh
  uint64_t seed;                // for commands that choose
  bool sole_owner;              // no other replica: a number may be a plain register
  PlantedBug planted;
  size_t string_bytes_max;
  Bytes& mutation;  // packed cells; left empty, nothing is written
  ReplySink& reply;
};
using KeyHandler = void (*)(KeyContext&);

// One execution of a command about the connection or the node.
struct ConnectionContext {
  Arguments args;
  Client& client;
  Server& server;
  ReplySink& reply;
};
using ConnectionHandler = void (*)(ConnectionContext&);

// Makes one reply from what GET has answered for the keys of a Split::kJoin command, in the order
// of the keys, whatever it was: a value, nil or an error.
using JoinHandler = void (*)(Arguments args, std::span<const Bytes> tapes, ReplySink& reply);

// The next step of a Split::kSteps command.
struct StepContext {
  Arguments args;                // of the whole command
  size_t step;                   // counted from 0
  std::span<const Bytes> tapes;  // the replies to the requests of the step before, in their order
  Bytes& memory;                 // kept from step to step
  // What to run next: commands whose only key is the first argument. Left empty, the command is
  // done and its reply written.
  std::vector<std::vector<Bytes>>& next;
  ReplySink& reply;
};
using StepHandler = void (*)(StepContext&);

struct Command {
  std::string_view name;  // lower case; of a subcommand with its container: "client|id"
  int arity = 0;          // with the name; negative: at least
  uint32_t flags = 0;
  Class kind = Class::kConnection;
  Reads reads = Reads::kNothing;
  Split split = Split::kNone;
  bool idempotent =
      false;          // executing it twice leaves what executing it once does, and answers alike
  int first_key = 0;  // 0: no key
  int last_key = 0;   // negative: from the end
  int key_step = 0;
  uint32_t key_flags = 0;
  // A command with keys has `execute`, `join` or `step`; without, `handle`, unless it is of
  // Class::kKeyspace. A container has both `execute` and `handle` where some of its subcommands
  // have a key: which one is called depends on KeysOf.
  KeyHandler execute = nullptr;
  ConnectionHandler handle = nullptr;
  JoinHandler join = nullptr;  // of a Split::kJoin command
  StepHandler step = nullptr;  // of a Split::kSteps command
  const Command* subcommands = nullptr;
  size_t subcommand_count = 0;
  // COMMAND INFO and COMMAND DOCS.
  std::string_view summary = {};
  std::string_view since = {};
  std::string_view group = {};
  std::string_view complexity = {};
  std::string_view categories = {};  // ACL categories, space separated, without '@'
  std::string_view tips = {};        // space separated
};

// The row of a command, by name in any case; null where there is none.
[[nodiscard]] const Command* FindCommand(std::string_view name);
// All rows, by name.
[[nodiscard]] std::span<const Command> AllCommands();

// The row of a subcommand by its own name in any case; null where there is none.
[[nodiscard]] const Command* FindSubcommand(const Command& container, std::string_view name);

// The row that `args` name, of a subcommand where they name one, whatever else they are; null where
// there is none. Requires: args is not empty.
[[nodiscard]] const Command* NamedCommand(Arguments args);

// A number for each row, of subcommands too, below CommandRows(). Requires: the row is one of
// AllCommands() or of their subcommands.
[[nodiscard]] size_t RowOf(const Command& command);
[[nodiscard]] size_t CommandRows();
// The row of a number; null where there is none.
[[nodiscard]] const Command* CommandOf(size_t row);

[[nodiscard]] bool ArityFits(const Command& command, size_t arguments);
// Redis's words for a name that is no command, and for a wrong number of arguments.
[[nodiscard]] Bytes UnknownCommandError(Arguments args);
[[nodiscard]] Bytes WrongArityError(const Command& command);
[[nodiscard]] Bytes UnknownSubcommandError(Arguments args);

// The row that `args` call, of a subcommand where the command has them; null, with the reply in
// `error`, where there is none or it is called with a wrong number of arguments. Requires: args is
// not empty.
[[nodiscard]] const Command* ResolveCommand(Arguments args, Bytes& error);

}  // namespace quorate::commands
