// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/object_view.h"

#include "tests/engine/keyspace/cell_generators.h"

namespace quorate::keyspace {
namespace {

class ObjectViewTest : public testing::Test {
 protected:
  ~ObjectViewTest() override { Object::Destroy(object_); }

  void Merge(const Bytes& packed) {
    Changes changes;
    object_ = keyspace::Merge(object_, "key", packed, writers_, changes);
  }
  template <typename Writer>
  void Write(Writer&& write) {
    Bytes packed;
    CellWriter writer(packed);
    write(writer);
    Merge(packed);
  }
  [[nodiscard]] ObjectView view() const { return {object_, writers_}; }
  [[nodiscard]] std::string String() const {
    Bytes scratch;
    return std::string(view().String(scratch));
  }
  [[nodiscard]] std::string Field(std::string_view name) const {
    Bytes scratch;
    return std::string(view().Field(name, scratch).value_or("(none)"));
  }
  void Slot(CellWriter& writer, uint64_t time, uint64_t node, const Version& base, int64_t sum) {
    const Version version = MakeVersion(time, node);
    writer.Put(
        {CellKind::kSlot, false, version, PackWriter(version.writer), PackSlotValue({base, sum})});
  }
  void FieldSlot(CellWriter& writer, uint64_t time, uint64_t node, const Version& base,
                 int64_t sum) {
    const Version version = MakeVersion(time, node);
    writer.Put({CellKind::kFieldSlot, false, version, FieldSlotName("f", version.writer),
                PackSlotValue({base, sum})});
  }

 private:
  WriterTable writers_;
  Object* object_ = nullptr;
};

TEST_F(ObjectViewTest, NothingIsThereBeforeAnythingCame) {
  EXPECT_FALSE(view().exists());
  EXPECT_EQ(view().type(), ObjectType::kNone);
  EXPECT_TRUE(view().head_version().empty());
  EXPECT_FALSE(view().deadline_ms().has_value());
  EXPECT_EQ(view().bytes(), 0u);
}

TEST_F(ObjectViewTest, ANumberIsItsBaseAndTheSlotsThatNameIt) {
  const Version base = MakeVersion(5, 1);
  Write([&](CellWriter& writer) {
    writer.String(base, "10");
    Slot(writer, 6, 1, base, 3);
    Slot(writer, 7, 2, base, -1);
    Slot(writer, 8, 3, MakeVersion(4, 1), 100);
  });
  EXPECT_EQ(String(), "12");
  EXPECT_EQ(view().SlotSum(PackWriter(MakeVersion(0, 1).writer)), 3);
  EXPECT_EQ(view().SlotSum(PackWriter(MakeVersion(0, 3).writer)), 0);
}

TEST_F(ObjectViewTest, AnOverwrittenRegisterForgetsItsSlots) {
  const Version base = MakeVersion(5, 1);
  Write([&](CellWriter& writer) {
    writer.String(base, "10");
    Slot(writer, 6, 1, base, 3);
  });
  Write([](CellWriter& writer) { writer.Value(MakeVersion(7, 2), "1"); });
  EXPECT_EQ(String(), "1");
  EXPECT_EQ(view().SlotSum(PackWriter(base.writer)), 0);
}

TEST_F(ObjectViewTest, SumsOfSlotsWrap) {
  const Version base = MakeVersion(5, 1);
  Write([&](CellWriter& writer) {
    writer.String(base, "9223372036854775807");
    Slot(writer, 6, 1, base, 1);
  });
  EXPECT_EQ(String(), "-9223372036854775808");
}

TEST_F(ObjectViewTest, AFieldNumberIsItsFieldAndTheSlotsThatNameIt) {
  const Version base = MakeVersion(5, 1);
  Write([&](CellWriter& writer) {
    writer.Type(base, ObjectType::kHash);
    writer.Field(base, "f", "10");
    writer.Field(base, "other", "1");
    FieldSlot(writer, 6, 1, base, 3);
    FieldSlot(writer, 7, 2, base, 4);
  });
  EXPECT_EQ(Field("f"), "17");
  EXPECT_EQ(Field("other"), "1");
  EXPECT_EQ(view().fields(), 2u);
  EXPECT_EQ(view().FieldSlotSum("f", base.writer), 3);
  Write([&](CellWriter& writer) { writer.Kill(CellKind::kField, "f", base); });
  EXPECT_EQ(Field("f"), "(none)");
  EXPECT_EQ(view().FieldVersion("f"), base);
  Write([&](CellWriter& writer) { writer.Field(FirstBase(base), "f", "0"); });
  EXPECT_EQ(Field("f"), "0");
}

TEST_F(ObjectViewTest, AHashWithoutFieldsDoesNotExist) {
  Write([](CellWriter& writer) {
    writer.Type(MakeVersion(5, 1), ObjectType::kHash);
    writer.Field(MakeVersion(5, 1), "f", "v");
  });
  EXPECT_EQ(view().type(), ObjectType::kHash);
  Write([](CellWriter& writer) { writer.Kill(CellKind::kField, "f", MakeVersion(5, 1)); });
  EXPECT_FALSE(view().exists());
  EXPECT_EQ(view().head_version(), MakeVersion(5, 1));
}

TEST_F(ObjectViewTest, AKillSparesAnAddThatItDidNotSee) {
  Write([](CellWriter& writer) {
    writer.Type(MakeVersion(5, 1), ObjectType::kHash);
    writer.Field(MakeVersion(6, 2), "f", "new");
  });
  Write([](CellWriter& writer) { writer.Kill(CellKind::kField, "f", MakeVersion(5, 1)); });
  EXPECT_EQ(Field("f"), "new");
}

TEST_F(ObjectViewTest, FieldsComeInOrderFromAnyNameOn) {
  Write([](CellWriter& writer) {
    writer.Type(MakeVersion(5, 1), ObjectType::kHash);
    for (const char* name : {"d", "b", "a", "c"}) writer.Field(MakeVersion(5, 1), name, name);
    writer.Kill(CellKind::kField, "b", MakeVersion(5, 1));
  });
  std::string all;
  view().ForEachField([&](std::string_view name, std::string_view) {
    all += name;
    return true;
  });
  EXPECT_EQ(all, "acd");
  std::string some;
  view().ForEachFieldFrom("b", [&](std::string_view name, std::string_view) {
    some += name;
    return name != "c";
  });
  EXPECT_EQ(some, "c");
  EXPECT_EQ(view().FieldNameBounds().first, "a");
  EXPECT_EQ(view().FieldNameBounds().second, "d");
}

TEST(ParseInteger, TakesWhatRedisTakes) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("-1"), -1);
  EXPECT_EQ(ParseInteger("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInteger("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "-", "-0", "+1", "00", "01", " 1", "1 ", "1.0", "0x1",
                           "9223372036854775808", "-9223372036854775809"}) {
    EXPECT_FALSE(ParseInteger(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace quorate::keyspace
