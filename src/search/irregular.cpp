#include "search/irregular.hpp"

#include <unordered_map>

namespace comem::search {
namespace {

// A base, then its forms. Left out are forms that the stemmer brings to their base by itself, and forms that
// are commonest as another word (ground, wound, rose, lay, bore, dove).
constexpr std::string_view families =
    "arise arose arisen|awake awoke awoken|become became|begin began begun|bend bent|bind bound|bite bit "
    "bitten|"
    "bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built|burn burnt|buy "
    "bought|"
    "catch caught|choose chose chosen|cling clung|come came|creep crept|deal dealt|dig dug|draw drew drawn|"
    "dream dreamt|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|"
    "fight fought|find found|flee fled|fling flung|fly flew flown|forbid forbade forbidden|foresee foresaw "
    "foreseen|"
    "forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|"
    "go went gone|grow grew grown|hang hung|hear heard|hide hid hidden|hold held|keep kept|kneel knelt|"
    "know knew known|lead led|lean leant|leap leapt|learn learnt|leave left|lend lent|light lit|lose lost|"
    "make made|mean meant|meet met|mistake mistook mistaken|overcome overcame|oversee oversaw overseen|pay "
    "paid|"
    "prove proven|rebuild rebuilt|repay repaid|rewrite rewrote rewritten|ride rode ridden|ring rang rung|"
    "rise risen|run ran|say said|see saw seen|seek sought|sell sold|send sent|sew sewn|shake shook shaken|"
    "shine shone|shoot shot|show shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep "
    "slept|"
    "slide slid|speak spoke spoken|speed sped|spend spent|spill spilt|spin spun|spoil spoilt|spring sprang "
    "sprung|"
    "stand stood|steal stole stolen|stick stuck|sting stung|strike struck|string strung|strive strove "
    "striven|"
    "swear swore sworn|sweep swept|swell swollen|swim swam swum|swing swung|take took taken|teach taught|"
    "tear tore torn|tell told|think thought|throw threw thrown|undergo underwent undergone|"
    "understand understood|undertake undertook undertaken|undo undid undone|wake woke woken|wear wore worn|"
    "weave wove woven|weep wept|win won|withdraw withdrew withdrawn|wring wrung|write wrote written|"
    // nouns and adjectives
    "child children|man men|woman women|person people|foot feet|tooth teeth|goose geese|mouse mice|louse "
    "lice|"
    "ox oxen|wife wives|leaf leaves|knife knives|half halves|shelf shelves|wolf wolves|thief "
    "thieves|"
    "loaf loaves|calf calves|good better best|bad worse worst|"
    // of science and computing
    "index indices|matrix matrices|vertex vertices|appendix appendices|criterion criteria|"
    "phenomenon phenomena|analysis analyses|hypothesis hypotheses|crisis crises|datum data";

using Table = std::unordered_map<std::string_view, std::string_view>;

Table parse(std::string_view text) {
  Table table;
  while (!text.empty()) {
    const std::size_t end = text.find('|');
    std::string_view family = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view base = family.substr(0, family.find(' '));
    while (!family.empty()) {
      const std::size_t space = family.find(' ');
      table.emplace(family.substr(0, space), base);
      family.remove_prefix(space == std::string_view::npos ? family.size() : space + 1);
    }
  }
  return table;
}

}  // namespace

std::string_view base_form(std::string_view word) noexcept {
  static const Table table = parse(families);
  const auto found = table.find(word);
  return found == table.end() ? word : found->second;
}

}  // namespace comem::search
