#pragma once

/// A source that is not polled while the disk is full: its place stays where it is, and what it
/// shows meanwhile is read afterwards. Everything else it does at once.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "earshot/sources/source.hpp"

namespace earshot {

class HeldSource final : public Source {
 public:
  /// `room` ends when there is room.
  HeldSource(std::unique_ptr<Source> source, std::function<Task<>()> room)
      : source_(std::move(source)), room_(std::move(room)) {}

  Task<Result<Batch>> poll(std::string state) override {
    co_await room_();
    auto batch = co_await source_->poll(std::move(state));
    co_return batch;
  }
  Result<void> reread_secrets() override { return source_->reread_secrets(); }
  Task<> wait(Duration limit) override { return source_->wait(limit); }
  Task<Result<Conversation>> conversation(std::string native_id) override {
    return source_->conversation(std::move(native_id));
  }
  Task<Result<Parsed>> reread(std::string raw) override { return source_->reread(std::move(raw)); }

 private:
  std::unique_ptr<Source> source_;
  std::function<Task<>()> room_;
};

}  // namespace earshot
