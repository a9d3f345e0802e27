#include "storage/vector_filter.hpp"

#include <algorithm>

namespace comem::storage {
namespace {

template <class List, class Value>
bool has(const List& list, const Value& value) noexcept {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool has_tags(const std::vector<std::string>& tags, const Query& query) noexcept {
  const auto tagged = [&](const std::string& tag) { return has(tags, tag); };
  return std::all_of(query.all_tags.begin(), query.all_tags.end(), tagged) &&
         (query.any_tags.empty() || std::any_of(query.any_tags.begin(), query.any_tags.end(), tagged));
}

bool is_from(const search::Document& document, const Query& query,
             const std::set<std::string>& sessions) noexcept {
  return (sessions.empty() || sessions.count(document.session) != 0) &&
         (query.agent.empty() || query.agent == document.agent) &&
         (query.author.empty() || query.author == document.author);
}

}  // namespace

bool passes(const search::Document& document, const Query& query, const std::set<std::string>& sessions,
            TimePoint now) noexcept {
  if (document.expires_at != no_expiry && document.expires_at <= now) return false;
  if (!query.types.empty() && !has(query.types, document.type)) return false;
  if (!is_from(document, query, sessions)) return false;
  if (query.success_only && document.type == MemoryType::episodic && !document.success) return false;
  if (document.type == MemoryType::semantic && !(document.confidence >= query.min_confidence)) return false;
  if (query.since != TimePoint{} && document.time < query.since) return false;
  if (query.until != TimePoint{} && document.time > query.until) return false;
  return has_tags(document.tags, query);
}

}  // namespace comem::storage
