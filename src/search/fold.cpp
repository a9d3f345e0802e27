#include "search/fold.hpp"

#include <array>
#include <string_view>

#include "search/characters.hpp"
#include "search/utf8_decode.hpp"

namespace comem::search {
namespace {

// One character for each code point of a block: its base letter in lower case, that is the first letter of
// its compatibility decomposition, with strokes, hooks of Latin ø đ ł ħ ŧ ı ð and the final sigma folded too,
// since people type them without. A blank leaves the code point as it is. Rows of 32.
// clang-format off
constexpr std::u16string_view latin =  // U+00C0 to U+024F
    u"aaaaaaæceeeeiiiidnooooo ouuuuyþß"
    u"aaaaaaæceeeeiiiidnooooo ouuuuyþy"
    u"aaaaaaccccccccddddeeeeeeeeeegggg"
    u"gggghhhhiiiiiiiiiiĳĳjjkkĸlllllll"
    u"lllnnnnnnnŋŋooooooœœrrrrrrssssss"
    u"ssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    u"bɓƃƃƅƅɔƈƈɖɗƌƌƍǝəɛƒƒɠɣƕɩiƙƙƚƛɯɲƞɵ"
    u"ooƣƣƥƥʀƨƨʃƪƫƭƭʈuuʊʋƴƴzzʒƹƹƺƻƽƽƾƿ"
    u"ǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuuǝaa"
    u"aaææǥǥggkkooooʒʒjǳǳǳggƕƿnnaaææoo"
    u"aaaaeeeeiiiioooorrrruuuussttȝȝhh"
    u"ƞȡȣȣȥȥaaeeooooooooyyȴȵȶȷȸȹⱥȼȼƚⱦȿ"
    u"ɀɂɂbʉʌɇɇɉɉɋɋɍɍɏɏ";
constexpr std::u16string_view greek =  // U+0370 to U+03FF
    u"ͱͱͳͳʹ ͷͷ   ͻͼͽ ϳ"
    u"      α εηι ο υωιαβγδεζηθικλμνξο"
    u"πρ στυφχψωιυαεηιυαβγδεζηθικλμνξο"
    u"πρσστυφχψωιυουωϗβθυυυφπϗϙϙϛϛϝϝϟϟ"
    u"ϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯκρσϳθε ϸϸσϻϻϼͻͼͽ";
constexpr std::u16string_view cyrillic =  // U+0400 to U+052F
    u"ееђгєѕііјљњћкиуџабвгдежзииклмноп"
    u"рстуфхцчшщъыьэюяабвгдежзииклмноп"
    u"рстуфхцчшщъыьэюяееђгєѕііјљњћкиуџ"
    u"ѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿ"
    u"ҁҁ        ҋҋҍҍҏҏґґғғҕҕҗҗҙҙққҝҝҟҟ"
    u"ҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿ"
    u"ӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕееәәәәжжзз"
    u"ӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿ"
    u"ԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟ"
    u"ԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ";
constexpr std::u16string_view latin_additional =  // U+1E00 to U+1EFF
    u"aabbbbbbccddddddddddeeeeeeeeeeff"
    u"gghhhhhhhhhhiiiikkkkkkllllllllmm"
    u"mmmmnnnnnnnnoooooooopppprrrrrrrr"
    u"ssssssssssttttttttuuuuuuuuuuvvvv"
    u"wwwwwwwwwwxxxxyyzzzzzzhtwyasẜẝßẟ"
    u"aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    u"eeeeeeeeiiiioooooooooooooooooooo"
    u"oooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";
constexpr std::u16string_view greek_extended =  // U+1F00 to U+1FFF
    u"ααααααααααααααααεεεεεε  εεεεεε  "
    u"ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιι"
    u"οοοοοο  οοοοοο  υυυυυυυυ υ υ υ υ"
    u"ωωωωωωωωωωωωωωωωααεεηηιιοουυωω  "
    u"ααααααααααααααααηηηηηηηηηηηηηηηη"
    u"ωωωωωωωωωωωωωωωωααααα ααααααα ι "
    u"  ηηη ηηεεηηη   ιιιι  ιιιιιι    "
    u"υυυυρρυυυυυυρ     ωωω ωωοοωωω   ";
// clang-format on

struct Block {
  char32_t first;
  std::u16string_view base;
};
constexpr std::array blocks{Block{0x00C0, latin}, Block{0x0370, greek}, Block{0x0400, cyrillic},
                            Block{0x1E00, latin_additional}, Block{0x1F00, greek_extended}};
static_assert(latin.size() == 0x190 && greek.size() == 0x90 && cyrillic.size() == 0x130);
static_assert(latin_additional.size() == 0x100 && greek_extended.size() == 0x100);

// Forms that stand for other characters at a fixed distance: full width, bold and italic letters and digits
// of mathematics (which people use as decoration), and the capitals of scripts outside the blocks.
char32_t shifted(char32_t c) noexcept {
  if (c >= 0xFF01 && c <= 0xFF5E) return ascii_lower(c - 0xFF01 + 0x21);
  if (c >= 0x1D400 && c <= 0x1D6A3) return U'a' + (c - 0x1D400) % 26;
  if (c >= 0x1D7CE && c <= 0x1D7FF) return U'0' + (c - 0x1D7CE) % 10;
  if (c >= 0x0531 && c <= 0x0556) return c + 0x30;             // Armenian
  if (c >= 0x10A0 && c <= 0x10C5) return c - 0x10A0 + 0x10D0;  // Georgian, old capitals
  if (c >= 0x1C90 && c <= 0x1CBA) return c - 0x1C90 + 0x10D0;  // Georgian, new capitals
  if (c >= 0x2D00 && c <= 0x2D25) return c - 0x2D00 + 0x10D0;  // Georgian, old small letters
  if (c >= 0x2080 && c <= 0x2089) return U'0' + (c - 0x2080);  // subscripts
  if (c >= 0x2074 && c <= 0x2079) return U'4' + (c - 0x2074);  // superscripts
  return c;
}

char32_t base_of(char32_t c) noexcept {
  for (const Block& block : blocks) {
    if (c < block.first || c - block.first >= block.base.size()) continue;
    const char16_t base = block.base[c - block.first];
    return base == u' ' ? c : base;
  }
  switch (c) {
    case 0x00AA:
      return U'a';
    case 0x00BA:
      return U'o';
    case 0x00B2:
      return U'2';
    case 0x00B3:
      return U'3';
    case 0x00B9:
      return U'1';
    case 0x2070:
      return U'0';
    case 0x00B5:
      return 0x03BC;  // micro sign: mu
    case 0x212A:
      return U'k';  // Kelvin
    case 0x212B:
      return U'a';  // Angstrom
    default:
      return is_apostrophe(c) ? U'\'' : shifted(c);
  }
}

std::string_view expansion(char32_t base) noexcept {
  switch (base) {
    case 0x00DF:
      return "ss";  // sharp s
    case 0x00E6:
      return "ae";
    case 0x0153:
      return "oe";
    case 0x00FE:
      return "th";  // thorn
    case 0x0133:
      return "ij";
    case 0x01C6:
      return "dz";
    case 0x01F3:
      return "dz";
    case 0x01C9:
      return "lj";
    case 0x01CC:
      return "nj";
    case 0xFB00:
      return "ff";
    case 0xFB01:
      return "fi";
    case 0xFB02:
      return "fl";
    case 0xFB03:
      return "ffi";
    case 0xFB04:
      return "ffl";
    case 0xFB05:
      return "st";
    case 0xFB06:
      return "st";
    default:
      return {};
  }
}

}  // namespace

void append_folded_beyond_ascii(std::string& out, char32_t code_point) {
  if (class_of(code_point) == CharacterClass::ignored) return;
  const char32_t base = base_of(code_point);
  const std::string_view several = expansion(base);
  if (several.empty()) {
    append_utf8(out, base);
  } else {
    out += several;
  }
}

}  // namespace comem::search
