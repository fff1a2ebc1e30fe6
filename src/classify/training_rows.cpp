#include "training_rows.hpp"

#include <algorithm>

#include "earshot/text/near.hpp"
#include "language.hpp"
#include "notions.hpp"
#include "word_list.hpp"

namespace earshot {

Place place_of(const Post& post, std::string_view words, bool watching) {
  Place place = has_handle(words) ? Place::addressed : Place::post;
  if (post.channel == Channel::email) place = Place::email;
  if (post.channel == Channel::review) place = Place::review;
  return watching ? watched(place) : place;
}

std::string language_of(const Post& post, const WordList& words) {
  if (post.language.empty()) return guess_language(words);
  return post.language.starts_with("hi-") ? post.language : post.language.substr(0, 2);
}

std::vector<Matrix::Cell> cells_of(const FeatureText& text, std::uint32_t mask) {
  Blocks blocks;
  extract_features(text, mask, blocks);
  std::vector<Matrix::Cell> cells;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const auto value =
        static_cast<float>(block_value(b, static_cast<std::uint32_t>(blocks[b].size())));
    for (const Feature& feature : blocks[b]) cells.push_back({feature.hash, value});
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (cells[i].at == cells[kept].at)
      cells[kept].value += cells[i].value;
    else
      cells[++kept] = cells[i];
  }
  if (!cells.empty()) cells.resize(kept + 1);
  return cells;
}

TrainingRows read_rows(std::span<const Example> examples, const TrainWith& with,
                       std::uint32_t log2_buckets) {
  TrainingRows rows;
  const NameTable names{with.watch};
  const std::uint32_t mask = (1U << log2_buckets) - 1U;
  for (const Example& example : examples) {
    const std::string text = words_of(example.post);
    const WordList words{text};
    const std::string language = language_of(example.post, words);
    const std::vector<Hit> hits = with.lexicon.find(words, language);
    const std::vector<NotionHit> notions = Notions::builtin().find(words, language);
    FeatureText reading{
        text,   &words, hits, &names, example.post.channel, keeps_handles(example.post.channel),
        notions};
    rows.natural.add_row(cells_of(reading, mask));
    reading.keep_handles = false;
    rows.without_handles.add_row(cells_of(reading, mask));
    rows.examples.push_back(&example);
    rows.groups.push_back(copy_hash(without_handles(text)));
    rows.places.push_back(place_of(example.post, text, false));
  }
  return rows;
}

}  // namespace earshot
