// English words that say how a sentence is built rather than what it is about. May and us are not among them:
// folded, they are also a month and a country.
#include <string_view>
#include <unordered_set>

#include "search/words.hpp"

namespace comem::search {
namespace {

const std::unordered_set<std::string_view>& stop_words() {
  static const std::unordered_set<std::string_view> words{
      // articles, demonstratives, quantities without a number
      "a", "an", "the", "this", "that", "these", "those", "such", "some", "any", "all", "both", "each", "few",
      "more", "most", "other", "same", "no", "nor", "not", "only", "own", "than", "too", "very", "just",
      "also", "so", "now", "then", "here", "there", "once", "again", "further",
      // pronouns
      "i", "me", "my", "mine", "myself", "we", "our", "ours", "ourselves", "you", "your", "yours", "yourself",
      "yourselves", "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself",
      "they", "them", "their", "theirs", "themselves",
      // questions
      "what", "which", "who", "whom", "whose", "when", "where", "why", "how",
      // auxiliary verbs
      "am", "is", "are", "was", "were", "be", "been", "being", "have", "has", "had", "having", "do", "does",
      "did", "doing", "done", "can", "could", "shall", "should", "will", "would", "might", "must",
      // prepositions and conjunctions
      "about", "above", "after", "against", "as", "at", "before", "below", "between", "by", "down", "during",
      "for", "from", "in", "into", "of", "off", "on", "onto", "out", "over", "through", "to", "under",
      "until", "up", "upon", "with", "within", "without", "and", "but", "or", "if", "because", "while",
      // contractions, as split_words() gives them, and what is left of torn ones
      "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "havent", "hasnt", "hadnt", "wont",
      "wouldnt", "cant", "couldnt", "shouldnt", "mustnt", "neednt", "mightnt", "shant", "aint", "im", "ive",
      "youre", "youve", "theyre", "theyve", "weve", "hes", "shes", "thats", "whats", "s", "t", "d", "m", "ll",
      "re", "ve", "don", "doesn", "didn", "isn", "aren", "wasn", "weren", "haven", "hasn", "hadn", "wouldn",
      "couldn", "shouldn", "ain"};
  return words;
}

}  // namespace

bool is_stop_word(std::string_view folded) noexcept {
  return stop_words().contains(folded);
}

}  // namespace comem::search
