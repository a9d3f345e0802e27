#include "search/word_reader.hpp"

#include <string>

#include "search/characters.hpp"
#include "search/fold.hpp"
#include "search/utf8_decode.hpp"

namespace comem::search {
namespace {

void append_bounded(std::string& out, char32_t code_point) {
  const std::size_t before = out.size();
  if (before >= max_word_bytes) return;
  append_folded(out, code_point);
  if (out.size() > max_word_bytes) out.resize(before);
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_plain_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What may follow an apostrophe and is then no word of its own.
bool is_ending(std::string_view letters) noexcept {
  return letters == "s" || letters == "t" || letters == "d" || letters == "m" || letters == "ll" ||
         letters == "re" || letters == "ve";
}

}  // namespace

bool WordReader::next(Word& word) {
  while (at_ < text_.size()) {
    const CodePoint here = decode(text_, at_);
    const CharacterClass kind = class_of(here.value);
    if (kind == CharacterClass::letter) {
      in_run_ = false;
      read_letters(word);
      if (!word.text.empty()) return true;
    } else if (kind == CharacterClass::spaceless) {
      if (read_bigram(word)) return true;
    } else {
      if (kind == CharacterClass::separator) in_run_ = false;
      at_ += here.bytes;
    }
  }
  return false;
}

void WordReader::read_letters(Word& word) {
  word.text.clear();
  word.begin = at_;
  while (at_ < text_.size()) {
    if (is_plain_letter(text_[at_])) {  // most are
      if (word.text.size() < max_word_bytes) word.text += lower(text_[at_]);
      ++at_;
      continue;
    }
    const CodePoint here = decode(text_, at_);
    if (is_apostrophe(here.value)) {
      read_contraction(word, here.bytes);
      break;
    }
    const CharacterClass kind = class_of(here.value);
    if (kind != CharacterClass::letter && kind != CharacterClass::ignored) break;
    append_bounded(word.text, here.value);
    at_ += here.bytes;
  }
  word.end = at_;
}

// "Anna's" is anna, "we've" is we, "don't" is dont: the ending belongs to the word in the text, so at_ moves
// behind it. Any other apostrophe parts two words, as in "o'clock".
void WordReader::read_contraction(Word& word, std::size_t apostrophe_bytes) {
  const std::size_t begin = at_ + apostrophe_bytes;
  char letters[3];
  std::size_t count = 0;
  std::size_t end = begin;
  while (end < text_.size()) {
    const CodePoint here = decode(text_, end);
    if (class_of(here.value) != CharacterClass::letter) break;
    if (count == sizeof letters || here.bytes > 1) return;
    letters[count++] = lower(text_[end]);
    end += here.bytes;
  }
  if (!is_ending(std::string_view(letters, count))) return;
  if (letters[0] == 't') append_bounded(word.text, U't');
  at_ = end;
}

// Two characters at a time, each pair overlapping the next; a single one only where a run has no more than
// that.
bool WordReader::read_bigram(Word& word) {
  const CodePoint first = decode(text_, at_);
  const bool alone_was_said = in_run_;
  word.text.clear();
  word.begin = at_;
  append_folded(word.text, first.value);
  at_ += first.bytes;
  word.end = at_;
  std::size_t next = at_;
  while (next < text_.size()) {
    const CodePoint second = decode(text_, next);
    const CharacterClass kind = class_of(second.value);
    if (kind == CharacterClass::ignored) {
      next += second.bytes;
      continue;
    }
    if (kind != CharacterClass::spaceless) break;
    append_folded(word.text, second.value);
    at_ = next;
    word.end = next + second.bytes;
    in_run_ = true;
    return true;
  }
  in_run_ = false;
  return !alone_was_said;
}

}  // namespace comem::search
