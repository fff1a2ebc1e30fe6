// A mailbox over IMAP (RFC 3501, 9051). EXAMINE and BODY.PEEK[] only: what people have read is not
// ours to change. The cursor is UIDVALIDITY and the highest UID passed; a new UIDVALIDITY is a new
// epoch, in which everything inside the time window is read again: posts are known by Message-ID,
// so nobody is told twice.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/secrets.hpp"
#include "foreign.hpp"
#include "imap_place.hpp"
#include "imap_session.hpp"
#include "imap_words.hpp"
#include "make.hpp"
#include "poll_parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kBatchMails = 200;                        // of one poll: the next one goes on
constexpr std::uint64_t kBatchBytes = std::uint64_t{8} << 20U;  // of one FETCH
constexpr Duration kIdleRound = minutes{25};                    // RFC 2177: below 29 minutes
constexpr Duration kReconnect = seconds{1};                     // least pause after a cut
constexpr std::size_t kOverlapMails = 200;                      // P3
constexpr std::size_t kRememberUids = 400;                      // UIDs known to have been read
constexpr Duration kEpochWindow = hours{24 * 30};  // read again when UIDVALIDITY changed

class ImapSource final : public Source {
 public:
  ImapSource(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {
    std::tie(server_, mailbox_) = split_mailbox_url(config_.url);
  }

  Task<Result<Batch>> poll(std::string state) override {
    // A kept connection may have died while nobody looked: one fresh attempt before it counts as a
    // failure.
    const bool kept = session_ != nullptr;
    Result<Batch> batch = co_await read(state);
    if (!batch) session_.reset();
    if (!batch && kept && batch.error().kind == Error::Kind::transient) {
      Result<Batch> again = co_await read(state);
      if (!again) session_.reset();
      co_return again;
    }
    co_return batch;
  }

  Task<Result<Parsed>> reread(std::string raw) override {
    ReadOrder order = order_of(raw);
    Result<Parsed> parsed =
        co_await read_as<Parsed>(&tools_, config_.name, std::move(order), Guarded::no);
    if (parsed) stamp(config_, parsed->posts);
    co_return parsed;
  }

  Result<void> reread_secrets() override {
    session_.reset();
    const std::string& file =
        config_.token_file.empty() ? config_.password_file : config_.token_file;
    if (file.empty()) return {};
    Result<Secret> secret = read_secret(file, tools_.config_dir);
    if (!secret) return secret.error();
    secret_ = std::move(*secret);
    return {};
  }

  /// A connection that is lost while it listens is opened anew soon: what comes meanwhile must not
  /// wait for the next poll.
  Task<> wait(Duration limit) override {
    const Duration start = tools_.clock.steady();
    bool cut = false;
    if (config_.idle && session_ && session_->idles && idle_pays(limit)) {
      Result<bool> news = co_await session_->idle(std::min(limit, kIdleRound));
      if (news && *news) co_return;
      cut = !news;
      if (cut) session_.reset();
    }
    const Duration left = limit - (tools_.clock.steady() - start);
    const Duration pause = cut ? std::min(left, std::max(config_.min_every, kReconnect)) : left;
    if (pause > Duration{0}) co_await tools_.clock.sleep_for(pause);
  }

 private:
  static bool idle_pays(Duration limit) { return limit >= seconds{1}; }

  Task<Result<void>> connect() {
    if (!session_) {
      MailLogin login;
      login.url = server_;
      login.user = config_.user;
      (config_.token_file.empty() ? login.password : login.bearer) = secret_.reveal();
      login.ca_file = config_.ca_file;
      login.network = config_.network;
      Result<std::unique_ptr<MailStream>> stream = co_await tools_.mail.open(std::move(login));
      if (!stream) co_return stream.error();
      session_ = std::make_unique<ImapSession>(std::move(*stream), tools_.clock);
    }
    // Each poll looks anew: UIDVALIDITY may have changed under a kept connection only by another
    // EXAMINE.
    co_return co_await session_->examine(mailbox_);
  }

  Task<Result<Batch>> read(std::string state) {
    Result<void> connected = co_await connect();
    if (!connected) co_return connected.error();
    Batch batch;
    batch.source = config_.name;
    std::optional<ImapPlace> known = state.empty() ? std::nullopt : read_imap_place(state);
    if (!state.empty() && !known)
      batch.gap = "the remembered place could not be read, so reading begins anew";
    const bool first = state.empty();
    const bool new_epoch = !first && (!known || known->validity != session_->validity);
    ImapPlace place = known.value_or(ImapPlace{});
    if (first || new_epoch) place = {session_->validity, 0, {}};
    std::string criteria;
    if (first && config_.start.kind == StartPolicy::Kind::now) {
      if (session_->next_uid > 0) place.last = session_->next_uid - 1;
      batch.baseline = true;
    } else if (first && config_.start.kind == StartPolicy::Kind::back) {
      criteria = " SINCE " + imap_date(tools_.clock.now() - config_.start.back);
    } else if (new_epoch) {
      if (batch.gap.empty())
        batch.gap =
            "the mailbox was rebuilt (UIDVALIDITY changed): mails of the last 30 days are read "
            "again, known ones by Message-ID";
      criteria = " SINCE " + imap_date(tools_.clock.now() - kEpochWindow);
    }
    co_return co_await collect(std::move(batch), std::move(place), std::move(criteria));
  }

  /// New UIDs and those of the overlap that were not read before; a bounded number of them becomes
  /// this batch.
  Task<Result<Batch>> collect(Batch batch, ImapPlace place, std::string criteria) {
    // "n:*" would answer with the highest UID even where it is below n.
    const std::uint32_t from =
        place.last > kOverlapMails ? place.last - static_cast<std::uint32_t>(kOverlapMails) : 1;
    std::string question = fmt::format(
        "UID {}:4294967295{}",
        place.recent.empty() ? place.last + (place.last == UINT32_MAX ? 0 : 1) : from, criteria);
    Result<std::vector<std::uint32_t>> found = co_await session_->search(std::move(question));
    if (!found) co_return found.error();
    std::vector<std::uint32_t> wanted;
    const std::uint32_t oldest = place.recent.empty() ? place.last + 1 : place.recent.front();
    for (const std::uint32_t uid : *found) {
      const bool late = uid <= place.last && uid > oldest &&
                        !std::binary_search(place.recent.begin(), place.recent.end(), uid);
      if (uid > place.last || late) wanted.push_back(uid);
    }
    batch.more = wanted.size() > kBatchMails;
    if (batch.more) wanted.resize(kBatchMails);
    Result<void> read_all = co_await fetch_all(wanted, &batch);
    if (!read_all) co_return read_all.error();
    for (const std::uint32_t uid : wanted) {
      place.last = std::max(place.last, uid);
      place.recent.push_back(uid);
    }
    // What the search left out below UIDNEXT is gone or too old for `start`; it never comes back
    // under these numbers.
    if (!batch.more && session_->next_uid > 0)
      place.last = std::max(place.last, session_->next_uid - 1);
    std::sort(place.recent.begin(), place.recent.end());
    if (place.recent.size() > kRememberUids)
      place.recent.erase(place.recent.begin(), place.recent.end() - kRememberUids);
    batch.next = write_imap_place(place);
    co_return batch;
  }

  /// Sizes first, then the mails in portions of at most kBatchBytes.
  Task<Result<void>> fetch_all(std::vector<std::uint32_t> uids, Batch* batch) {
    if (uids.empty()) co_return Result<void>{};
    const std::string items = "UID RFC822.SIZE INTERNALDATE";
    Result<std::vector<ImapFetch>> sizes = co_await session_->fetch(uids, items);
    if (!sizes) co_return sizes.error();
    std::map<std::uint32_t, ImapFetch> told;
    for (ImapFetch& size : *sizes) {
      const std::uint32_t uid = *size.uid;
      told.insert_or_assign(uid, std::move(size));
    }
    std::vector<std::uint32_t> portion;
    std::uint64_t bytes = 0;
    for (const std::uint32_t uid : uids) {
      const auto size = told.find(uid);
      if (size == told.end()) continue;  // expunged meanwhile
      const std::uint64_t length = size->second.size.value_or(0);
      if (length > kLargestMail) {
        batch->bad.push_back(
            {bad_id(uid), "", fmt::format("a mail of {} bytes is larger than 32 MiB", length)});
        continue;
      }
      if (!portion.empty() && bytes + length > kBatchBytes) {
        Result<void> done = co_await fetch_portion(std::move(portion), &told, batch);
        if (!done) co_return done.error();
        portion = {};
        bytes = 0;
      }
      portion.push_back(uid);
      bytes += length;
    }
    if (portion.empty()) co_return Result<void>{};
    co_return co_await fetch_portion(std::move(portion), &told, batch);
  }

  Task<Result<void>> fetch_portion(std::vector<std::uint32_t> uids,
                                   const std::map<std::uint32_t, ImapFetch>* told, Batch* batch) {
    const std::string items = "UID BODY.PEEK[]";
    session_->refusal.clear();
    Result<std::vector<ImapFetch>> mails = co_await session_->fetch(uids, items);
    if (!mails && session_->refusal.empty()) co_return mails.error();
    std::vector<ImapFetch> got = mails ? std::move(*mails) : std::vector<ImapFetch>{};
    std::vector<std::uint32_t> seen;
    for (ImapFetch& mail : got) {
      const auto known = told->find(*mail.uid);
      if (known == told->end() || !mail.has_body ||
          !std::binary_search(uids.begin(), uids.end(), *mail.uid))
        continue;  // an unasked FETCH: flags somebody changed
      seen.push_back(*mail.uid);
      if (!mail.body) continue;  // NIL: expunged while we read
      const std::uint32_t uid = *mail.uid;
      std::string body = std::move(*mail.body);
      const Result<void> added = co_await add(uid, std::move(body), &known->second, batch);
      if (!added) co_return added.error();
    }
    // A mail that was not sent is gone or was not told: asked for once more by itself, it decides.
    for (const std::uint32_t uid : uids) {
      if (std::find(seen.begin(), seen.end(), uid) != seen.end()) continue;
      const std::vector<std::uint32_t> one{uid};
      session_->refusal.clear();
      Result<std::vector<ImapFetch>> again = co_await session_->fetch(one, items);
      if (!again && session_->refusal.empty()) co_return again.error();
      if (!again) {
        batch->bad.push_back(
            {bad_id(uid), "", "the server does not hand the mail out: " + session_->refusal});
        continue;
      }
      for (ImapFetch& mail : *again) {
        if (*mail.uid != uid || !mail.body) continue;
        std::string body = std::move(*mail.body);
        const Result<void> added = co_await add(uid, std::move(body), &told->at(uid), batch);
        if (!added) co_return added.error();
      }
    }
    co_return Result<void>{};
  }

  std::string bad_id(std::uint32_t uid) const {
    return fmt::format("{}:{}", session_->validity, uid);
  }

  ReadOrder order_of(std::string_view mail) const {
    return {.kind = ReadKind::mail, .bytes = mail, .own_lists = config_.own_lists};
  }

  /// An Error: the mail was not read, and may be the next time.
  Task<Result<void>> add(std::uint32_t uid, std::string bytes, const ImapFetch* told,
                         Batch* batch) const {
    if (told->size && *told->size != bytes.size()) {
      batch->warnings.push_back(fmt::format("mail {}: {} bytes came where {} were announced", uid,
                                            bytes.size(), *told->size));
    }
    ReadOrder order = order_of(bytes);
    Result<Parsed> parsed = co_await read_as<Parsed>(&tools_, config_.name, std::move(order));
    if (!parsed && parsed.error().kind == Error::Kind::transient) co_return parsed.error();
    if (!parsed || parsed->posts.empty()) {
      std::string why = parsed ? "no post in it" : parsed.error().message;
      if (parsed && !parsed->bad.empty()) why = parsed->bad.front().reason;
      batch->bad.push_back({bad_id(uid), std::move(bytes), std::move(why)});
      co_return Result<void>{};
    }
    stamp(config_, parsed->posts);
    for (Post& post : parsed->posts) {
      if (!post.created_at) post.created_at = read_imap_date(told->internal_date);
      batch->posts.push_back(std::move(post));
    }
    co_return Result<void>{};
  }

  SourceConfig config_;
  SourceTools tools_;
  std::string server_;
  std::string mailbox_;
  Secret secret_;
  std::unique_ptr<ImapSession> session_;
};

}  // namespace

std::unique_ptr<Source> make_imap(const SourceConfig& config, const SourceTools& tools) {
  return std::make_unique<ImapSource>(config, tools);
}

}  // namespace earshot
