#pragma once

/// Config: everything ops may set, as plain typed data. load.hpp makes it from YAML and finds every
/// mistake; nothing here is read from anywhere else. Secrets are file names only.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/assignment.hpp"
#include "earshot/cases/letter.hpp"
#include "earshot/cases/policy.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/classify/second_opinion.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/network.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/words.hpp"
#include "earshot/digest/policy.hpp"
#include "earshot/oncall/business.hpp"
#include "earshot/oncall/roster.hpp"
#include "earshot/oncall/schedule.hpp"
#include "earshot/oncall/time_interval.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/route/tree.hpp"
#include "earshot/triage/storm.hpp"
#include "earshot/triage/triage.hpp"

namespace earshot {

/// shadow: decides and records, pages nobody.
EARSHOT_ENUM(Mode, live, shadow);

/// Where the first poll of a source begins.
struct StartPolicy {
  enum class Kind { now, all, back };
  Kind kind = Kind::now;
  Duration back{};  ///< for `back`: how far
};

/// One source. Which keys a type takes is checked at load; the others keep their defaults.
struct SourceConfig {
  std::string name;
  std::string type;  ///< feed mastodon imap bluesky replay push
  std::string url;
  Duration every = minutes{1};
  Duration min_every = minutes{5};  ///< per public host; the type's own floor where not set
  StartPolicy start{};
  std::vector<std::string> match;  ///< company products principals rivals: keep only posts that
                                   ///< name one; empty: keep all
  std::string channel;             ///< post | email | review; "" = the type's own
  std::string language;            ///< BCP 47 where the source does not tell
  std::string user;
  std::string password_file;
  std::string token_file;  ///< bearer token (mastodon, push), OAuth token (imap)
  std::string ca_file;
  std::string timeline = "mentions";  ///< mastodon: mentions | hashtag
  std::vector<std::string> hashtags;  ///< mastodon; without "#"
  std::string identifier;             ///< bluesky: handle or DID to sign in as
  std::string query;                  ///< bluesky: search for this too
  bool notifications = true;          ///< bluesky: read notifications
  std::string path;                   ///< replay: the file, relative to the configuration
  double speed = 0;     ///< replay: 0 = at once, 1 = at the posts' own pace, 60 = a minute a second
  bool follow = false;  ///< replay: wait for more lines
  bool idle = true;     ///< imap: use IDLE where the server has it
  std::vector<std::string> own_lists;  ///< imap: List-Ids of shared mailboxes of the company's own
  Duration overlap = minutes{15};      ///< each poll reads this far back again (P3)
  NetworkPolicy network{};             ///< joined with the global one
};

struct SmtpConfig {
  std::string url;  ///< smtp://host:587 or smtps://host:465
  std::string user;
  std::string password_file;
  std::string from;
  std::string ca_file;
  NetworkPolicy network{};
};

/// How an approved reply goes out to where the customer wrote: one per source.
struct ReplyWay {
  std::string source;         ///< name of a source of type mastodon, bluesky or imap
  std::string type;           ///< of that source
  std::string as;             ///< how it appears: an account, or the sender's address
  std::string token_file;     ///< mastodon: a token that may write statuses
  std::string identifier;     ///< bluesky: handle or DID to sign in as
  std::string password_file;  ///< bluesky: an app password
  int limit = 0;              ///< characters; 0 = no limit
  std::string url;            ///< these are the source's
  std::string ca_file;
  NetworkPolicy network{};
};
struct ReplyPolicy {
  std::vector<ReplyWay> ways;          ///< empty: nothing is ever sent to a customer
  std::vector<std::string> approvers;  ///< people; empty: anybody but those who wrote
};

/// A template's file as the configuration names it, and its words once they have been read.
struct MessageTemplate {
  std::string file;
  std::string text;
};

/// How fast a receiver may be spoken to. `reserve` of the burst is kept for pages.
struct RateLimit {
  int per_minute = 0;  ///< 0 = as fast as it takes them
  int burst = 0;       ///< so many at once after a pause
  int reserve = 0;
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct ReceiverConfig {
  std::string name;
  std::string type;               ///< a word of receivers.def
  std::string url;                ///< "" = the service's own where it has one
  std::string url_file;           ///< where the address is a secret (slack)
  std::vector<std::string> urls;  ///< alertmanager: every member of the cluster
  std::string secret_file;  ///< webhook: whsec_… signs; may hold two lines while keys rotate
  std::string token_file;   ///< bearer token; the key or token of the service
  std::string channel;  ///< slack, mattermost: channel; telegram: chat; matrix: room; ntfy: topic
  std::string channel_file;          ///< ntfy: where the topic is a secret
  std::string account;               ///< sms, voice: account SID
  std::vector<std::string> command;  ///< exec: program and arguments, no shell
  std::vector<std::string> to;       ///< email; sms, voice: one number or none
  std::string from;                  ///< email: "" = mail.from; sms, voice: number or service SID
  std::string path;                  ///< log: the file; "" = the daemon's own log
  std::map<std::string, std::string> labels;   ///< alertmanager: added to every alert
  std::map<std::string, std::string> headers;  ///< webhook: sent with every request
  std::optional<std::vector<std::string>>
      updates{};  ///< taken escalated answered closed; nullopt = what suits the type
  std::map<std::string, MessageTemplate> templates;  ///< by part: subject text html
  RateLimit rate{};
  int at_once = 8;  ///< deliveries in flight at the same time
  std::string ca_file;
  Duration timeout = seconds{15};
  NetworkPolicy network{};
};

/// Backups that the daemon makes by itself.
struct BackupConfig {
  std::string directory;  ///< relative to the working directory of the daemon
  Duration every{minutes{5}};
  int keep = 12;      ///< the newest ones
  int keep_days = 7;  ///< and the last one of each of so many days
};

struct StoreConfig {
  std::string type = "sqlite";
  std::string path = "earshot.db";  ///< relative to the working directory of the daemon
  std::optional<BackupConfig> backup;
};

struct WebConfig {
  std::string listen = "127.0.0.1:8460";  ///< "" = no server
  std::string public_url;  ///< base of links in messages, e.g. https://earshot.example
  std::string token_file;  ///< a first admin token; further ones by `earshot token add`
  bool open_on_loopback =
      false;  ///< demo: no token needed from loopback; refused when listening elsewhere
  Duration ack_link_life = hours{24};
};

/// button: the link's page has a button. code: also the four digits of the message. login: the link
/// only leads to the case.
EARSHOT_ENUM(LinkLevel, button, code, login);

/// How people say that they have a case.
struct AcknowledgeConfig {
  LinkLevel link = LinkLevel::button;
  Duration remind = minutes{10};          ///< before an acknowledgement decays; 0 = never
  Duration rotate_keys = hours{24 * 30};  ///< of signed links; 0 = never
  std::string sms_token_file;  ///< the provider's auth token: text messages may acknowledge
  std::string sms_url;         ///< as the provider knows it; "" = web.public_url + /hooks/sms
};

/// How long things are kept. 0 = for ever.
struct RetentionConfig {
  Duration posts = hours{24 * 90};    ///< author and words of posts
  Duration cases = hours{24 * 730};   ///< since a case ended
  Duration audit = hours{24 * 1095};  ///< what the entries of the ledger say; their chain stays
};

struct PrivacyConfig {
  bool mask_outgoing = true;  ///< phone, mail, IBAN and card numbers in all that is sent
};

/// What helps whoever is woken by a cue.
struct Runbook {
  std::string cue;
  std::string text;
  std::string url;
};

struct HeartbeatConfig {
  std::string url_file;
  Duration every = seconds{60};
};

struct LogConfig {
  std::string level = "info";   ///< debug info warn error
  std::string format = "auto";  ///< auto logfmt json
};

struct Config {
  Mode mode = Mode::live;
  Watch watch;
  std::vector<SourceConfig> sources;
  TriagePolicy triage;
  StormPolicy storms;
  std::vector<Person> people;
  std::vector<Team> teams;
  std::vector<Schedule> schedules;  ///< each with the absences of all people
  std::map<std::string, std::vector<std::chrono::local_days>> holidays;  ///< lists by name, sorted
  std::vector<BusinessCalendar> calendars;
  std::vector<NamedIntervals> time_intervals;
  std::vector<InhibitRule> inhibit_rules;
  bool verify_contacts = false;  ///< pages go only to ways whose owner has proved them by a code
  std::vector<EscalationPolicy>
      escalations;  ///< each with the global last resort, where it has none
  Route route;
  std::vector<ReceiverConfig> receivers;
  CasePolicy follow_through;
  AcknowledgeConfig acknowledge;
  std::map<std::string, AssignPolicy> assign;  ///< by team
  std::map<std::string, Skills> skills;        ///< by person
  std::vector<Runbook> runbooks;
  RetentionConfig retention;
  PrivacyConfig privacy;
  QuestionPolicy questions;
  LetterPolicy letters;
  DigestPolicy digest;
  ReplyPolicy replies;
  NetworkPolicy network;
  SmtpConfig mail;
  std::optional<HeartbeatConfig> heartbeat{};
  StoreConfig store;
  WebConfig web;
  LogConfig log;
  std::optional<OpinionPolicy> second_opinion{};  ///< none: nobody is asked
  std::string
      model;  ///< path of the classifier's model, made absolute at load; "" = the shipped one
  std::string lexicon;    ///< folder of further lexicon files; "" = the shipped one only
  std::string directory;  ///< where the file lies: secret files and paths are relative to it
};

}  // namespace earshot
