// SPDX-License-Identifier: Apache-2.0
#include "io/api/reply_bridge.h"

namespace quorate {
namespace api {
namespace {

Reply::Kind KindOf(resp::ReplyKind kind) {
  switch (kind) {
    case resp::ReplyKind::kSimple:
      return Reply::Kind::kSimple;
    case resp::ReplyKind::kError:
      return Reply::Kind::kError;
    case resp::ReplyKind::kInteger:
      return Reply::Kind::kInteger;
    case resp::ReplyKind::kBulk:
    case resp::ReplyKind::kBigNumber:
      return Reply::Kind::kBulk;
    case resp::ReplyKind::kNull:
    case resp::ReplyKind::kNullArray:
      return Reply::Kind::kNull;
    case resp::ReplyKind::kDouble:
      return Reply::Kind::kDouble;
    case resp::ReplyKind::kBool:
      return Reply::Kind::kBool;
    case resp::ReplyKind::kVerbatim:
      return Reply::Kind::kVerbatim;
    case resp::ReplyKind::kArray:
    case resp::ReplyKind::kPush:
      return Reply::Kind::kArray;
    case resp::ReplyKind::kMap:
      return Reply::Kind::kMap;
    case resp::ReplyKind::kSet:
      return Reply::Kind::kSet;
  }
  return Reply::Kind::kNull;
}

std::string ListText(const Reply& reply, char open, char close) {
  std::string text(1, open);
  const bool map = reply.kind == Reply::Kind::kMap;
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) text += map && i % 2 == 1 ? ": " : ", ";
    text += ToString(reply.elements[i]);
  }
  return text + close;
}

}  // namespace

Reply ToPublic(resp::Reply reply) {
  Reply made;
  made.kind = KindOf(reply.kind);
  made.text = std::move(reply.text);
  made.integer = reply.integer;
  made.elements.reserve(reply.elements.size());
  for (resp::Reply& element : reply.elements) {
    made.elements.push_back(ToPublic(std::move(element)));
  }
  return made;
}

}  // namespace api

std::string ToString(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kSimple:
    case Reply::Kind::kDouble:
      return reply.text;
    case Reply::Kind::kError:
      return "(error) " + reply.text;
    case Reply::Kind::kInteger:
      return std::to_string(reply.integer);
    case Reply::Kind::kBulk:
    case Reply::Kind::kVerbatim:
      return '"' + reply.text + '"';
    case Reply::Kind::kNull:
      return "nil";
    case Reply::Kind::kBool:
      return reply.integer != 0 ? "true" : "false";
    case Reply::Kind::kArray:
      return api::ListText(reply, '[', ']');
    case Reply::Kind::kMap:
    case Reply::Kind::kSet:
      return api::ListText(reply, '{', '}');
  }
  return "";
}

}  // namespace quorate
