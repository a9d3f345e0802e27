#include "cli/search_batch.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/bad_lines.hpp"
#include "cli/clean_text.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/line_reader.hpp"
#include "cli/namespaces.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/values.hpp"
#include "memory/check.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t max_line = 1u << 20;

struct QueryLine {
  std::string id, ns, text;
};

std::string text_field(const nlohmann::json& object, const char* name, bool required) {
  const auto field = object.find(name);
  if (field == object.end() && !required) return {};
  if (field == object.end()) throw Error(errc::invalid_argument, fmt::format("\"{}\" is missing", name));
  if (!field->is_string()) throw Error(errc::invalid_argument, fmt::format("\"{}\" must be a text", name));
  return field->get<std::string>();
}

QueryLine parse(const LineReader::Line& line) {
  if (line.too_long) throw Error(errc::limit_exceeded, fmt::format("longer than {} bytes", max_line));
  std::size_t open = 0;
  for (const char c : line.text) open += (c == '{' || c == '[') ? 1u : 0u;
  // Depth is bounded before parsing; a query line has no use for many brackets outside its texts.
  if (open > 10'000) throw Error(errc::invalid_argument, "has too many brackets");
  const auto object = nlohmann::json::parse(line.text, nullptr, false);
  if (!object.is_object()) throw Error(errc::invalid_argument, "is no JSON object");
  QueryLine query;
  query.id = text_field(object, "id", true);
  query.ns = text_field(object, "ns", false);
  query.text = text_field(object, "query", true);
  if (query.id.empty()) throw Error(errc::invalid_argument, "\"id\" is empty");
  if (is_blank(query.text)) throw Error(errc::invalid_argument, "\"query\" is empty");
  return query;
}

void show_trec(const std::string& id, const std::vector<Hit<AnyMemory>>& hits) {
  const auto name = id_on_a_line(id, true);
  for (std::size_t i = 0; i < hits.size(); ++i)
    print_line(fmt::format("{} {} {} {:.6f}", name, id_on_a_line(common(hits[i].memory).id, true), i + 1,
                           hits[i].score));
}

void show_json(const std::string& id, const std::vector<Hit<AnyMemory>>& hits) {
  std::string list = "[";
  for (const auto& hit : hits) {
    list += list.size() > 1 ? ", " : "";
    list += JsonObject().add_id("id", common(hit.memory).id).add("score", hit.score).str();
  }
  print_line(JsonObject().add("id", id).raw("hits", list + "]").str());
}

/// Answers one line; throws Error(invalid_argument) or Error(limit_exceeded) for what is wrong with the line.
awaitable<void> answer(Namespaces& namespaces, const LineReader::Line& line, const Batch& batch,
                       Query query) {
  QueryLine asked = parse(line);
  query.text = asked.text;
  memory::check(query);
  auto* adapter = co_await namespaces.of(std::move(asked.ns));
  const auto hits = co_await adapter->search(std::move(query));
  if (batch.trec) {
    show_trec(asked.id, hits);
  } else {
    show_json(asked.id, hits);
  }
}

}  // namespace

awaitable<int> search_batch(Shell* shell, Batch batch, Query filters) {
  LineReader lines(batch.path, max_line);
  Options options = shell->options();
  auto root = co_await shell->open(options, Use::join);
  Namespaces namespaces(root, options);
  BadLines bad;
  Progress progress("queries", shell->json());
  std::size_t done = 0;
  while (auto line = lines.next()) {
    if (!line->too_long && is_blank(line->text)) continue;
    try {
      co_await answer(namespaces, *line, batch, filters);
    } catch (const Error& error) {
      if (exit_code_of(error.code()) != exit_usage) throw;
      bad.add(line->number, error.what());
    }
    progress.update(++done);
  }
  progress.finish(done);
  bad.summarise("query", "queries");
  flush_output();
  co_await shell->close(root, Use::read);
  if (interrupt::requested()) co_return exit_interrupted;
  co_return bad.count() > 0 ? exit_nothing : exit_ok;
}

}  // namespace comem::cli
