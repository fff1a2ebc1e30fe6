#include "drafts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "earshot/cases/arguments.hpp"
#include "earshot/config/drafts.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/reply.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

constexpr Duration kGiveUp = hours{4};  // a later answer wants another look
constexpr Duration kFirstLook = seconds{1};
constexpr Duration kLongestLook = seconds{10};

std::optional<Draft> load_draft(StoreReader& reader, const std::string& case_id) {
  const auto record = reader.record(kDraft, case_id);
  if (!record) return std::nullopt;
  Result<Draft> read = draft_from_json(record->body);
  if (!read) throw StoreError("draft " + case_id + " cannot be read: " + read.error().message);
  return std::move(*read);
}

std::string row_key(const Draft& it) {
  return fmt::format("draft/{}/{}/{}", it.case_id, it.version, it.attempt);
}

std::string timer_of(const Draft& it) {
  return fmt::format("{}/{}", kDraft, it.case_id);
}

void look_later(StoreWriter& writer, const Draft& it, Instant now) {
  const Duration age = now - it.sent_at.value_or(now);
  const Instant next = now + std::clamp(age, kFirstLook, kLongestLook);
  writer.arm({timer_of(it), "", std::string{kDraft}, next, "{}"});
}

/// The customer's newest words in the place where the case began.
std::optional<Post> post_to_answer(StoreReader& reader, const Case& about) {
  std::optional<Post> out;
  for (const StoredPost& it : reader.posts_of(about.id)) {
    const bool theirs =
        it.post.source == about.source && it.post.author.handle == about.customer_handle;
    if (theirs && !it.post.deleted) out = it.post;
  }
  return out;
}

std::optional<Refusal> enqueue(StoreWriter& writer, const Rules& rules, const Draft& it,
                               const Case& about, Instant now) {
  if (rules.config->mode == Mode::shadow)
    return Refusal{"shadow", "Earshot runs in shadow mode: nothing is sent.", {}, ""};
  const ReplyWay* way = reply_way(*rules.config, about);
  const auto post = post_to_answer(writer, about);
  if (way == nullptr || !post)
    return Refusal{"post_gone", "What the customer wrote there is not there any more.", {}, ""};
  CustomerReply reply;
  reply.parent = post->id;
  reply.text = it.text;
  reply.language = about.language;
  reply.to = post->author.handle;
  reply.subject = post->title;
  reply.name = rules.config->watch.company.name;
  reply.message_id = fmt::format("reply-{}-v{}", it.case_id, it.version);
  reply.at = it.saved_at;
  reply.sent = now;
  OutboxRow row;
  row.key = row_key(it);
  row.case_id = it.case_id;
  row.receiver = reply_receiver(way->source);
  row.target = way->type == "imap" ? post->author.handle : "";
  row.body = render_reply(*way, reply);
  row.message_id = reply.message_id;
  row.created_at = now;
  row.not_before = now;
  row.give_up_at = now + kGiveUp;
  // Sent again after an outcome that nobody knows: those who can look do so first. For mail a
  // person has looked.
  if (it.attempt > 1 && way->type != "imap") row.possible_repeats = 1;
  writer.add_outbox(row);
  look_later(writer, it, now);
  return std::nullopt;
}

std::string entry_data(const Draft& it, std::string_view entry) {
  JsonWriter out;
  out.object();
  out.field("version", it.version);
  out.field("state", to_word(it.state));
  out.text_or_null("asked", it.asked);
  out.text_or_null("remark", it.remark);
  if (entry == "draft_send") out.field("text", it.text);
  out.text_or_null("detail", it.detail);
  out.text_or_null("link", it.link);
  out.end();
  return out.take();
}

void store_draft(StoreWriter& writer, Effects& effects, const DraftDone& done,
                 const std::string& who) {
  const Draft& it = done.after;
  const Instant now = effects.chance().now;
  Record record = writer.record(kDraft, it.case_id).value_or(Record{});
  record.kind = kDraft;
  record.id = it.case_id;
  record.parent = it.case_id;
  record.owner = it.by;
  record.state = to_word(it.state);
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = to_json(it);
  writer.put_record(record);
  if (!done.entry.empty())
    writer.append_ledger({0, now, who, done.entry, it.case_id, entry_data(it, done.entry), ""});
  for (const DraftLetter& in : done.letters) {
    Letter letter;
    letter.person = in.person;
    letter.headline = in.headline;
    letter.text = in.text;
    letter.key = fmt::format("{}/{}/{}/{}", row_key(it), done.entry, to_unix_ms(now), in.person);
    letter.thread = "case-" + it.case_id;
    letter.case_id = it.case_id;
    effects.send_letter(letter);
  }
}

/// Parts that are not given stay as they are.
DraftParts parts_of(const DeskCommand& command, const std::optional<Draft>& before) {
  DraftParts out = before ? before->parts : DraftParts{};
  if (command.args.contains("truth")) out.truth = argument(command.args, "truth");
  if (command.args.contains("owner")) out.owner = argument(command.args, "owner");
  if (command.args.contains("change")) out.change = argument(command.args, "change");
  return out;
}

DeskAnswer answer_of(const Refusal& why) {
  DeskAnswer out = rota_refusal(why.code, why.text, why.field);
  out.found = why.code != "no_draft";
  for (const std::string& it : why.missing) out.body += (out.body.empty() ? "" : " ") + it;
  return out;
}

}  // namespace

DeskAnswer change_draft(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const DeskCommand& command) {
  const auto action = from_word<DraftAction>(command.what);
  const auto record = writer.case_by_id(argument(command.args, "id"));
  if (!action || !record) {
    DeskAnswer none = action ? rota_refusal("no_case", "There is no such case.")
                             : rota_refusal("no_action", "There is no such action.");
    none.found = false;
    return none;
  }
  const Case about = load_case(*record);
  const std::optional<Draft> before = load_draft(writer, about.id);
  DraftCommand in;
  in.action = *action;
  in.who = command.who;
  in.parts = parts_of(command, before);
  in.person = argument(command.args, "person");
  in.remark = argument(command.args, "remark");
  in.manager = command.manager;
  if (command.args.contains("version")) {
    const std::string version = argument(command.args, "version");
    const char* const last = version.data() + version.size();
    const auto [end, error] = std::from_chars(version.data(), last, in.version);
    if (error != std::errc{} || end != last || in.version <= 0)  // it would guard nothing
      return rota_refusal("version_wrong", "version is the number of a version, from 1 on.",
                          "version");
  }
  const Instant now = effects.chance().now;
  const DraftDone done = apply_draft(before, in, about, draft_rules(*rules.config, about), now,
                                     rules.config->follow_through);
  if (done.refusal) return answer_of(*done.refusal);
  if (done.changed && in.action == DraftAction::send) {
    if (const auto no = enqueue(writer, rules, done.after, about, now)) return answer_of(*no);
  }
  if (done.changed) store_draft(writer, effects, done, command.who);
  DeskAnswer out;
  out.done = true;
  out.body = to_json(done.after);
  return out;
}

void draft_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                     const TimerRecord& timer) {
  const auto it = load_draft(writer, timer.id.substr(kDraft.size() + 1));
  if (!it || !it->under_way()) return;
  const Instant now = effects.chance().now;
  const std::vector<OutboxRow> rows = writer.outbox_of(it->case_id);
  const auto row = std::ranges::find(rows, row_key(*it), &OutboxRow::key);
  const auto record = writer.case_by_id(it->case_id);
  if (!record) return;
  const Case about = load_case(*record);
  if (row == rows.end())
    return store_draft(
        writer, effects,
        draft_lost(*it, DraftDelivery::uncertain, "The outbox has no trace of it.", about),
        "outbox");
  if (row->state == OutboxState::ok) {
    const bool link = row->result.starts_with("http") || row->result.starts_with("at://");
    const std::string where = link ? row->result : "";
    const Command seen{Action::answer_seen,
                       it->sent_by,
                       {{"text", it->text},
                        {"link", where},
                        {"at", to_rfc3339_ms(std::min(row->ended_at.value_or(now), now))}}};
    act_on(writer, rules, effects.key(), effects.chance(), it->case_id, seen, std::nullopt);
    return store_draft(writer, effects, draft_arrived(*it, where), "outbox");
  }
  if (row->state == OutboxState::dead || row->state == OutboxState::cancelled) {
    const DraftDelivery how =
        row->possible_repeats > 0 ? DraftDelivery::uncertain : DraftDelivery::failed;
    return store_draft(writer, effects, draft_lost(*it, how, row->result, about), "outbox");
  }
  look_later(writer, *it, now);
}

}  // namespace earshot
