// A mailbox over IMAP (RFC 3501, 9051). EXAMINE and BODY.PEEK[] only: what people have read is not
// ours to change. The cursor is UIDVALIDITY and the highest UID passed; a new UIDVALIDITY is a new
// epoch, in which everything inside the time window is read again: posts are known by Message-ID,
// so nobody is told twice.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <map>
#include <optional>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/poison.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"
#include "parse/imap_response.hpp"
#include "parse/mail.hpp"
#include "poll_parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kBatchMails = 200;                        // of one poll: the next one goes on
constexpr std::uint64_t kBatchBytes = std::uint64_t{8} << 20U;  // of one FETCH
constexpr std::uint64_t kLargest = std::uint64_t{32} << 20U;    // P14
constexpr Duration kStep = seconds{60};                         // each command's answer
constexpr std::size_t kMostLines = 20'000;                      // untagged responses to one command
constexpr Duration kIdleRound = minutes{25};                    // RFC 2177: below 29 minutes
constexpr Duration kReconnect = seconds{1};                     // least pause after a cut
constexpr std::size_t kOverlapMails = 200;                      // P3
constexpr std::size_t kRemember = 400;                          // UIDs known to have been read
constexpr Duration kEpochWindow = hours{24 * 30};  // read again when UIDVALIDITY changed

struct Place {
  std::uint32_t validity = 0;
  std::uint32_t last = 0;             ///< every UID up to here was passed
  std::vector<std::uint32_t> recent;  ///< highest UIDs read, so that the overlap costs no transfer
};

std::optional<Place> read_place(const std::string& state) {
  const auto document = parse_json(state);
  if (!document) return std::nullopt;
  Place place;
  const auto validity = integer_at(*document, "validity");
  const auto last = integer_at(*document, "last");
  if (!validity || !last || *validity <= 0 || *last < 0 || *validity > UINT32_MAX ||
      *last > UINT32_MAX)
    return std::nullopt;
  place.validity = static_cast<std::uint32_t>(*validity);
  place.last = static_cast<std::uint32_t>(*last);
  if (const JsonValue* recent = find(*document, "recent"); recent != nullptr && recent->IsArray()) {
    for (const JsonValue& uid : recent->GetArray()) {
      if (uid.IsUint()) place.recent.push_back(uid.GetUint());
    }
  }
  return place;
}

std::string write_place(const Place& place) {
  JsonWriter out;
  out.object();
  out.field("validity", static_cast<std::int64_t>(place.validity));
  out.field("last", static_cast<std::int64_t>(place.last));
  out.key("recent");
  out.array();
  for (const std::uint32_t uid : place.recent) out.value(static_cast<std::int64_t>(uid));
  out.end_array();
  out.end();
  return out.take();
}

/// RFC 3501 date: 23-Nov-2026.
std::string imap_date(Instant at) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  return fmt::format("{}-{}-{}", static_cast<unsigned>(day.day()),
                     kMonths[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()));
}

/// "23-Nov-2026 16:26:34 +0000" by way of the header's form.
std::optional<Instant> read_internal_date(std::string_view text) {
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
  char month[4] = {}, sign = '+';
  if (std::sscanf(std::string{text}.c_str(), "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %c%4d", &day, month,
                  &year, &hour, &minute, &second, &sign, &zone) != 8)
    return std::nullopt;
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = kMonths.find(month);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(at / 3 + 1)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const int offset = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -1 : 1);
  return Instant{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                 std::chrono::minutes{minute - offset} + std::chrono::seconds{second}};
}

/// Mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3), then quoted.
std::string quoted_mailbox(std::string_view name) {
  static constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
  std::string out = "\"";
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = decode_utf8(name, at);
    if (c.value >= 0x20 && c.value < 0x7F) {
      if (c.value == '"' || c.value == '\\') out += '\\';
      out += static_cast<char>(c.value);
      if (c.value == '&') out += '-';
      at += c.length;
      continue;
    }
    out += '&';
    std::uint32_t bits = 0;
    int held = 0;
    const auto put = [&](std::uint32_t unit) {
      bits = (bits << 16U) | unit;
      for (held += 16; held >= 6; held -= 6)
        out += kBase64[(bits >> static_cast<unsigned>(held - 6)) & 63U];
      bits &= (1U << static_cast<unsigned>(held)) - 1U;
    };
    while (at < name.size()) {
      const CodePoint wide = decode_utf8(name, at);
      if (wide.value >= 0x20 && wide.value < 0x7F) break;
      if (wide.value > 0xFFFF) {
        put(0xD800U + ((wide.value - 0x10000U) >> 10U));
        put(0xDC00U + ((wide.value - 0x10000U) & 0x3FFU));
      } else {
        put(wide.value);
      }
      at += wide.length;
    }
    if (held > 0) out += kBase64[(bits << static_cast<unsigned>(6 - held)) & 63U];
    out += '-';
  }
  return out + "\"";
}

std::string unescape_percent(std::string_view text) {
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// "imaps://host:993/Folder%20a" -> server and mailbox; no path is INBOX.
std::pair<std::string, std::string> split_url(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t slash = host == std::string::npos ? std::string::npos : url.find('/', host + 3);
  std::string box =
      slash == std::string::npos ? "" : unescape_percent(std::string_view{url}.substr(slash + 1));
  while (box.ends_with('/')) box.pop_back();
  return {url.substr(0, slash), box.empty() ? "INBOX" : box};
}

std::string uid_set(const std::vector<std::uint32_t>& uids) {
  std::string out;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t end = i;
    while (end + 1 < uids.size() && uids[end + 1] == uids[end] + 1) ++end;
    if (!out.empty()) out += ',';
    out += end == i ? fmt::format("{}", uids[i]) : fmt::format("{}:{}", uids[i], uids[end]);
    i = end + 1;
  }
  return out;
}

/// One signed-in connection: commands one after another, every answer under a deadline.
class ImapSession {
 public:
  ImapSession(std::unique_ptr<MailStream> stream, Clock& clock)
      : stream_(std::move(stream)), clock_(clock) {}

  bool idles = false;
  std::string refusal;  ///< what the server said when it refused a FETCH
  std::uint32_t validity = 0;
  std::uint32_t next_uid = 0;

  struct Answer {
    std::vector<ImapResponse> lines;
    ImapResponse end;
  };

  /// Sends a command and collects the answer to it. NO and BAD are values; BYE, time-outs and
  /// unreadable bytes are Errors.
  Task<Result<Answer>> command(std::string words) {
    const std::string tag = fmt::format("E{}", ++count_);
    std::string bytes = tag + " " + words + "\r\n";
    Result<void> sent = co_await stream_->write(std::move(bytes), kStep);
    if (!sent) co_return sent.error();
    Answer answer;
    std::uint64_t bytes_in = 0;
    const Duration until = clock_.steady() + 5 * kStep;
    while (true) {
      Result<ImapResponse> got = co_await response(kStep);
      if (!got) co_return got.error();
      if (clock_.steady() > until) co_return transient("IMAP: the answer took too long");
      if (got->kind == ImapResponse::Kind::tagged && got->tag == tag) {
        answer.end = std::move(*got);
        co_return answer;
      }
      if (got->fetch && got->fetch->body) bytes_in += got->fetch->body->size();
      if (answer.lines.size() >= kMostLines || bytes_in > 3 * kLargest)
        co_return transient("IMAP: the server sends more than was asked for");
      if (got->kind == ImapResponse::Kind::untagged) answer.lines.push_back(std::move(*got));
    }
  }

  Task<Result<void>> examine(std::string mailbox) {
    std::string ask = "CAPABILITY";
    Result<Answer> capability = co_await command(std::move(ask));
    if (!capability) co_return capability.error();
    for (const ImapResponse& line : capability->lines) {
      if (std::find(line.words.begin(), line.words.end(), "IDLE") != line.words.end()) idles = true;
    }
    std::string words = "EXAMINE " + quoted_mailbox(mailbox);
    Result<Answer> answer = co_await command(std::move(words));
    if (!answer) co_return answer.error();
    if (answer->end.name != "OK")
      co_return permanent(
          fmt::format("mailbox {}: {}", printable(mailbox), printable(answer->end.text)));
    for (const ImapResponse& line : answer->lines) {
      const auto number = parse_uid_set(line.code_value);
      if (line.code == "UIDVALIDITY" && number && number->size() == 1) validity = number->front();
      if (line.code == "UIDNEXT" && number && number->size() == 1) next_uid = number->front();
    }
    if (validity == 0) co_return permanent("the server tells no UIDVALIDITY");
    co_return Result<void>{};
  }

  Task<Result<std::vector<std::uint32_t>>> search(std::string criteria) {
    std::string words = "UID SEARCH " + criteria;
    Result<Answer> answer = co_await command(std::move(words));
    if (!answer) co_return answer.error();
    if (answer->end.name != "OK") co_return transient("UID SEARCH: " + printable(answer->end.text));
    std::vector<std::uint32_t> found;
    for (const ImapResponse& line : answer->lines)
      found.insert(found.end(), line.found.begin(), line.found.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    co_return found;
  }

  Task<Result<std::vector<ImapFetch>>> fetch(std::vector<std::uint32_t> uids, std::string items) {
    std::string words = fmt::format("UID FETCH {} ({})", uid_set(uids), items);
    Result<Answer> answer = co_await command(std::move(words));
    if (!answer) co_return answer.error();
    std::vector<ImapFetch> found;
    for (ImapResponse& line : answer->lines) {
      if (line.fetch && line.fetch->uid) found.push_back(std::move(*line.fetch));
    }
    // NO with EXPUNGEISSUED (RFC 5530): some are gone, the rest was sent.
    if (answer->end.name == "BAD" ||
        (answer->end.name == "NO" && answer->end.code != "EXPUNGEISSUED" && found.empty())) {
      refusal = printable(answer->end.text);
      co_return transient("UID FETCH: " + refusal);
    }
    co_return found;
  }

  /// Waits for news at most `limit`; true where there are some.
  Task<Result<bool>> idle(Duration limit) {
    const std::string tag = fmt::format("E{}", ++count_);
    std::string begin = tag + " IDLE\r\n";
    Result<void> sent = co_await stream_->write(std::move(begin), kStep);
    if (!sent) co_return sent.error();
    bool news = false;
    const Duration until = clock_.steady() + limit;
    while (!news && clock_.steady() < until) {
      const Duration left = std::max(until - clock_.steady(), Duration{1});
      Result<ImapResponse> got = co_await response(left);
      if (!got && got.error().message.find("timed out") == std::string::npos) co_return got.error();
      if (!got) break;
      if (got->kind == ImapResponse::Kind::tagged)
        co_return transient("IDLE: " + printable(got->text));
      news = got->name == "EXISTS";
    }
    std::string end = "DONE\r\n";
    Result<void> done = co_await stream_->write(std::move(end), kStep);
    if (!done) co_return done.error();
    while (true) {
      Result<ImapResponse> got = co_await response(kStep);
      if (!got) co_return got.error();
      if (got->name == "EXISTS") news = true;
      if (got->kind == ImapResponse::Kind::tagged && got->tag == tag) co_return news;
    }
  }

 private:
  Task<Result<ImapResponse>> response(Duration limit) {
    while (true) {
      Result<std::optional<ImapResponse>> next = parser_.next();
      if (!next) co_return next.error();
      if (*next) {
        if ((*next)->kind == ImapResponse::Kind::untagged && (*next)->name == "BYE")
          co_return transient("the server said good-bye: " + printable((*next)->text));
        co_return std::move(**next);
      }
      Result<std::string> bytes = co_await stream_->read(std::size_t{64} * 1024, limit);
      if (!bytes) co_return bytes.error();
      parser_.feed(*bytes);
    }
  }

  std::unique_ptr<MailStream> stream_;
  Clock& clock_;
  ImapParser parser_;
  unsigned count_ = 0;
};

class ImapSource final : public Source {
 public:
  ImapSource(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {
    std::tie(server_, mailbox_) = split_url(config_.url);
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

  Result<Parsed> reread(const std::string& raw) override {
    Result<Parsed> parsed = parse_mail(raw, config_.own_lists);
    if (parsed) stamp(config_, parsed->posts);
    return parsed;
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
    std::optional<Place> known = state.empty() ? std::nullopt : read_place(state);
    if (!state.empty() && !known)
      batch.gap = "the remembered place could not be read, so reading begins anew";
    const bool first = state.empty();
    const bool new_epoch = !first && (!known || known->validity != session_->validity);
    Place place = known.value_or(Place{});
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
  Task<Result<Batch>> collect(Batch batch, Place place, std::string criteria) {
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
    if (place.recent.size() > kRemember)
      place.recent.erase(place.recent.begin(), place.recent.end() - kRemember);
    batch.next = write_place(place);
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
      if (length > kLargest) {
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
      if (mail.body)
        add(*mail.uid, std::move(*mail.body), known->second, batch);  // NIL: expunged while we read
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
        if (*mail.uid == uid && mail.body) add(uid, std::move(*mail.body), told->at(uid), batch);
      }
    }
    co_return Result<void>{};
  }

  std::string bad_id(std::uint32_t uid) const {
    return fmt::format("{}:{}", session_->validity, uid);
  }

  void add(std::uint32_t uid, std::string bytes, const ImapFetch& told, Batch* batch) const {
    if (told.size && *told.size != bytes.size()) {
      batch->warnings.push_back(fmt::format("mail {}: {} bytes came where {} were announced", uid,
                                            bytes.size(), *told.size));
    }
    PoisonMark mark{tools_.guard, config_.name + "/read"};
    if (!mark.may_read(tools_.guard != nullptr ? hash128_hex(bytes) : "")) {
      batch->bad.push_back({bad_id(uid), std::move(bytes), std::string{kPoison}});
      return;
    }
    crash_if_asked("read", bytes);
    Result<Parsed> parsed = parse_mail(bytes, config_.own_lists);
    if (!parsed || parsed->posts.empty()) {
      batch->bad.push_back(
          {bad_id(uid), std::move(bytes), parsed ? "no post in it" : parsed.error().message});
      return;
    }
    stamp(config_, parsed->posts);
    for (Post& post : parsed->posts) {
      if (!post.created_at) post.created_at = read_internal_date(told.internal_date);
      batch->posts.push_back(std::move(post));
    }
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
