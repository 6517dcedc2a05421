// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/message_form.h"

#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

#include "adapters/recording/limits.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/hide.h"

namespace quorate::recording {
namespace {

// Recordings hold the index of a body: this order never changes, others come behind.
static_assert(
    std::is_same_v<wire::Body, std::variant<wire::Execute, wire::ExecuteReply, wire::Read,
                                            wire::ReadReply, wire::Mutate, wire::MutateReply,
                                            wire::Keyspace, wire::KeyspaceReply, wire::Ping,
                                            wire::Pong, wire::EpochNotice, wire::Settings>>);

template <typename M, typename Body>
concept Is = std::is_same_v<std::remove_const_t<M>, Body>;

// --- the fields of a message, for whatever form: it is measured, written and read. Wide are those
// --- that are hashes or times, and long as varints.

template <typename Form>
void Fields(Form& form, Is<wire::Execute> auto& m) {
  form.Small(m.id.value, m.pool.value, m.epoch.value);
  form.Wide(m.place.value);
  form.Time(m.expires);
  form.Choice(m.read, topology::kConsistencyLevels);
  form.Choice(m.write, topology::kConsistencyLevels);
  form.Args(m.args);
  form.Small(m.executor.value);
  form.Time(m.issued);
}

template <typename Form, typename M>
void OutcomeFields(Form& form, M& m) {
  form.Small(m.id.value, m.epoch.value);
  form.Choice(m.outcome, static_cast<size_t>(wire::Outcome::kOtherLife) + 1);
}

template <typename Form>
void Fields(Form& form, Is<wire::ExecuteReply> auto& m) {
  OutcomeFields(form, m);
  form.Tape(m.tape);
}

template <typename Form>
void Fields(Form& form, Is<wire::Read> auto& m) {
  form.Small(m.id.value, m.pool.value, m.epoch.value);
  form.Wide(m.place.value);
  form.Plain(m.key);
  form.Flag(m.want_state);
}

template <typename Form>
void Fields(Form& form, Is<wire::ReadReply> auto& m) {
  OutcomeFields(form, m);
  form.Wide(m.digest);
  form.Flag(m.has_state);
  form.Flag(m.doubtful);
  form.Cells(m.state);
}

template <typename Form>
void Fields(Form& form, Is<wire::Mutate> auto& m) {
  form.Small(m.id.value, m.pool.value, m.epoch.value);
  form.Wide(m.place.value);
  form.Plain(m.key);
  form.Cells(m.cells);
}

template <typename Form>
void Fields(Form& form, Is<wire::MutateReply> auto& m) {
  OutcomeFields(form, m);
  form.Time(m.highest.time);
  form.Wide(m.highest.writer.node.value);
  form.Small(m.highest.writer.incarnation.value, m.highest.writer.shard.value);
}

template <typename Form>
void Fields(Form& form, Is<wire::Keyspace> auto& m) {
  form.Small(m.id.value, m.pool.value, m.epoch.value);
  form.Wide(m.from.value);
  form.Args(m.args);
}

template <typename Form>
void Fields(Form& form, Is<wire::KeyspaceReply> auto& m) {
  OutcomeFields(form, m);
  form.Flag(m.more);
  form.Wide(m.next.value);
  form.Small(m.count);
  form.Plain(m.tape);  // keys
}

template <typename Form>
void Fields(Form& form, Is<wire::Ping> auto& m) {
  form.Small(m.id.value);
}

template <typename Form>
void Fields(Form& form, Is<wire::Pong> auto& m) {
  form.Small(m.id.value);
}

template <typename Form>
void Fields(Form& form, Is<wire::EpochNotice> auto& m) {
  form.Small(m.number.value, m.state);
  form.Wide(m.digest);
  form.Wide(m.parent_digest);
  form.Plain(m.topology);
}

template <typename Form>
void Fields(Form& form, Is<wire::Settings> auto& m) {
  form.Pairs(m.values);
}

template <typename Form, typename M>
void HeadFields(Form& form, M& m) {
  form.Wide(m.sender.node.value);
  form.Wide(m.sender.wall.ms);
  form.Small(m.sender.incarnation.value, m.requester.value);
  form.Wide(m.trace);
}

// --- forms

// Adds up the most that the Writer writes. Data with values left out are no longer than whole: in
// the place of 16 bytes or more come their length and a digest.
class Meter {
 public:
  template <typename... Integers>
  void Small(Integers... /*values*/) {
    size_ += sizeof...(Integers) * kVarintBytesMax;
  }
  void Wide(uint64_t /*value*/) { size_ += sizeof(uint64_t); }
  void Wide(int64_t /*value*/) { size_ += sizeof(int64_t); }
  void Time(const HybridTime& /*time*/) { size_ += sizeof(uint64_t); }
  void Flag(bool /*flag*/) { ++size_; }
  template <typename Enum>
  void Choice(Enum /*value*/, size_t /*count*/) {
    ++size_;
  }
  void Plain(const Bytes& bytes) { size_ += kVarintBytesMax + bytes.size(); }
  void Tape(const Bytes& tape) { Data(tape); }
  void Cells(const Bytes& cells) { Data(cells); }
  void Args(const std::vector<Bytes>& args) {
    size_ += kVarintBytesMax;
    for (const Bytes& arg : args) Plain(arg);
  }
  void Pairs(const std::vector<std::pair<Bytes, Bytes>>& pairs) {
    size_ += kVarintBytesMax;
    for (const auto& [name, value] : pairs) {
      Plain(name);
      Plain(value);
      size_ += node::kOtherPassword.size();
    }
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  void Data(const Bytes& bytes) { size_ += 2 * kVarintBytesMax + bytes.size(); }
  size_t size_ = sizeof(uint32_t) + 1;  // length and index
};

class Writer {
 public:
  Writer(char* at, bool hides, HiddenParts& hidden) : at_(at), hides_(hides), hidden_(hidden) {}

  template <typename... Integers>
  void Small(Integers... values) {
    ((at_ = WriteVarint(at_, values)), ...);
  }
  void Wide(uint64_t value) { at_ = WriteBigEndian(at_, value); }
  void Wide(int64_t value) { at_ = WriteBigEndian(at_, value); }
  void Time(const HybridTime& time) { Wide(time.bits()); }
  void Flag(bool flag) { *at_++ = flag ? 1 : 0; }
  template <typename Enum>
  void Choice(Enum value, size_t /*count*/) {
    *at_++ = static_cast<char>(value);
  }
  void Plain(std::string_view bytes) {
    at_ = WriteVarint(at_, bytes.size());
    Raw(bytes);
  }
  void Tape(const Bytes& tape) {
    if (hides_) node::AddHiddenInTape(tape, hidden_);
    Data(tape);
  }
  void Cells(const Bytes& cells) {
    if (hides_) keyspace::AddHiddenCells(cells, hidden_);
    Data(cells);
  }
  void Args(const std::vector<Bytes>& args) {
    at_ = WriteVarint(at_, args.size());
    if (args.empty()) return;
    const std::vector<std::string_view> views(args.begin(), args.end());
    std::optional<node::ValueArguments> values;
    if (hides_) values.emplace(views);
    for (size_t i = 0; i < views.size(); ++i) {
      const bool hidden = values && values->Has(i) && keyspace::IsHidden(views[i]);
      at_ = WriteVarint(at_, uint64_t{views[i].size()} << 1 | (hidden ? 1 : 0));
      hidden ? Wide(keyspace::ValueDigest(views[i])) : Raw(views[i]);
    }
  }
  void Pairs(const std::vector<std::pair<Bytes, Bytes>>& pairs) {
    at_ = WriteVarint(at_, pairs.size());
    for (const auto& [name, value] : pairs) {
      Plain(name);
      Plain(node::IsSecret(name) ? node::kOtherPassword : std::string_view(value));
    }
  }
  [[nodiscard]] char* at() const { return at_; }

 private:
  void Raw(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // Without the parts that are in `hidden_`.
  void Data(std::string_view bytes) {
    at_ = WriteVarint(at_, uint64_t{bytes.size()} << 1 | (hidden_.empty() ? 0 : 1));
    if (hidden_.empty()) return Raw(bytes);
    size_t from = 0;
    for (const std::string_view part : hidden_) {
      const auto at = static_cast<size_t>(part.data() - bytes.data());
      Plain(bytes.substr(from, at - from));
      at_ = WriteVarint(at_, part.size());
      Wide(keyspace::ValueDigest(part));
      from = at + part.size();
    }
    hidden_.clear();
    if (from < bytes.size()) Plain(bytes.substr(from));
  }

  char* at_;
  const bool hides_;
  HiddenParts& hidden_;
};

// Trusts nothing: `ok` turns false and stays so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : reader_(bytes) {}

  template <typename... Integers>
  void Small(Integers&... values) {
    (ReadSmall(values), ...);
  }
  void Wide(uint64_t& value) { value = reader_.BigEndian<uint64_t>(); }
  void Wide(int64_t& value) { value = reader_.BigEndian<int64_t>(); }
  void Time(HybridTime& time) { time = HybridTime::FromBits(reader_.BigEndian<uint64_t>()); }
  void Flag(bool& flag) { flag = reader_.BigEndian<uint8_t>() != 0; }
  template <typename Enum>
  void Choice(Enum& value, size_t count) {
    const auto raw = reader_.BigEndian<uint8_t>();
    value = static_cast<Enum>(raw);
    Require(raw < count);
  }
  void Plain(Bytes& bytes) { bytes = reader_.Blob(); }
  void Tape(Bytes& tape) { Data(tape); }
  void Cells(Bytes& cells) { Data(cells); }
  void Args(std::vector<Bytes>& args) {
    const uint64_t count = reader_.Varint();
    Require(count > 0 && count <= reader_.rest().size());
    for (uint64_t i = 0; i < count && ok(); ++i) {
      const uint64_t length = reader_.Varint();
      Bytes& arg = args.emplace_back();
      (length & 1) != 0 ? StandIn(arg, length >> 1) : Raw(arg, length >> 1);
    }
  }
  void Pairs(std::vector<std::pair<Bytes, Bytes>>& pairs) {
    const uint64_t count = reader_.Varint();
    for (uint64_t i = 0; i < count && ok(); ++i) {
      auto& [name, value] = pairs.emplace_back();
      Plain(name);
      Plain(value);
    }
  }
  void Require(bool condition) { ok_ = ok_ && condition; }
  [[nodiscard]] bool ok() const { return ok_ && reader_.ok(); }
  [[nodiscard]] bool AtEnd() const { return reader_.AtEnd(); }

 private:
  template <typename Integer>
  void ReadSmall(Integer& value) {
    const uint64_t wide = reader_.Varint();
    value = static_cast<Integer>(wide);
    Require(value == wide);
  }
  void Raw(Bytes& out, uint64_t size) { out += reader_.Raw(size); }
  void StandIn(Bytes& out, uint64_t size) {
    const auto digest = reader_.BigEndian<uint64_t>();
    Require(reader_.ok() && size >= keyspace::kStandInBytesMin && size <= room_);
    if (!ok()) return;
    room_ -= size;
    const size_t at = out.size();
    out.resize(at + size);
    keyspace::WriteStandIn(out.data() + at, size, digest);
  }
  void Data(Bytes& out) {
    const uint64_t length = reader_.Varint();
    const uint64_t size = length >> 1;
    if ((length & 1) == 0) return Raw(out, size);
    while (ok() && out.size() < size) {
      Raw(out, reader_.Varint());
      if (out.size() < size) StandIn(out, reader_.Varint());
    }
    Require(out.size() == size);
  }

  ByteReader reader_;
  uint64_t room_ = kValueBytesMax;  // for stand-ins: they take more than they were read from
  bool ok_ = true;
};

// The body with this index; false where there is none.
template <size_t kIndex = 0>
bool MakeBody(size_t index, wire::Body& body) {
  if constexpr (kIndex < wire::kBodies) {
    if (index != kIndex) return MakeBody<kIndex + 1>(index, body);
    body.emplace<kIndex>();
    return true;
  }
  return false;
}

}  // namespace

size_t MessageBytesMax(const wire::Message& message) {
  Meter meter;
  HeadFields(meter, message);
  std::visit([&meter](const auto& body) { Fields(meter, body); }, message.body);
  return meter.size();
}

char* WriteMessage(char* at, const wire::Message& message, bool hides, HiddenParts& scratch) {
  char* const begin = at + sizeof(uint32_t);
  Writer writer(begin, hides, scratch);
  HeadFields(writer, message);
  writer.Choice(message.body.index(), wire::kBodies);
  std::visit([&writer](const auto& body) { Fields(writer, body); }, message.body);
  WriteBigEndian(at, static_cast<uint32_t>(writer.at() - begin));
  return writer.at();
}

absl::StatusOr<wire::Message> ReadMessage(ByteReader& reader) {
  Reader fields(reader.Raw(reader.BigEndian<uint32_t>()));
  wire::Message message;
  HeadFields(fields, message);
  size_t index = 0;
  fields.Choice(index, wire::kBodies);
  if (fields.ok() && MakeBody(index, message.body)) {
    std::visit([&fields](auto& body) { Fields(fields, body); }, message.body);
  }
  if (!reader.ok() || !fields.ok() || !fields.AtEnd()) return DataLoss("a message is malformed");
  return message;
}

bool SkipMessage(ByteReader& reader) {
  reader.Raw(reader.BigEndian<uint32_t>());
  return reader.ok();
}

}  // namespace quorate::recording
