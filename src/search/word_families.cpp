// The same word in other clothes: what stems do not join, peoples, numerals, other spellings. Groups are
// divided by bars, words by blanks.
#include "search/synonym_table.hpp"

namespace comem::search {
namespace {

constexpr std::string_view families =
    "choose choice|advise advice|live life alive|believe belief|lose loss|speak speech|sell sale "
    "seller|think thought|give gift|see sight|know knowledge|grow growth|die death dead|marry "
    "marriage|strong strength strengthen|long length|high height|wide width|deep depth|broad "
    "breadth|young youth|warm warmth|hot heat|proud pride|free freedom|wise wisdom|poor poverty|hungry "
    "hunger|angry anger|thirsty thirst|destroy destruction|decide decision|succeed success|fail "
    "failure|receive receipt|solve solution|resolve resolution|admit admission|permit permission|expand "
    "expansion|extend extension|conclude conclusion|divide division|include inclusion|provide "
    "provision|describe description|subscribe subscription|prescribe prescription|repeat "
    "repetition|compete competition competitor|pronounce pronunciation|maintain maintenance|explain "
    "explanation|reveal revelation|apply application applicant|vary variety variation|simple "
    "simplify|clear clarify clarity|able ability enable|real reality realize|danger dangerous|fame "
    "famous|nerve nervous|space spacious|prove proof|relieve relief|grieve grief|save safe "
    "safety|practice practise|breathe breath|bathe bath|use usage|arrive arrival|refuse refusal|propose "
    "proposal|survive survival survivor|approve approval|remove removal|behave behavior behaviour|fly "
    "flight|weigh weight|laugh laughter|serve service|tend tendency|depend dependent|differ different "
    "difference|rob robbery|discover discovery|recover recovery|deliver delivery|injure injury|enter "
    "entry entrance|possess possession|confess confession|discuss discussion|impress impression|express "
    "expression|invite invitation|invent invention inventor|imagine imagination|inform "
    "information|organize organization|celebrate celebration|donate donation donor|educate "
    "education|graduate graduation|operate operation|create creation creative|locate location|relate "
    "relation relationship|translate translation|collaborate collaboration|participate participation "
    "participant|meditate meditation|vacate vacant|certify certificate certification|diagnose "
    "diagnosis|analyse analysis analyze|hypothesis hypothesize|sympathy sympathize|memory memorize "
    "memorial|energy energetic energize|athlete athletic|drama dramatic|history historic historical|music "
    "musical musician|politics political politician|magic magical magician|science scientific "
    "scientist|technique technical|romance romantic|poet poem poetry|friend friendly friendship|adult "
    "adulthood|child childhood|neighbor neighborhood|relation relationship|own owner ownership|member "
    "membership|lead leader leadership|cook cooker cookery|bake baker bakery|surf surfer|sing singer "
    "song|dance dancer|paint painter|act actor actress acting|direct director|manage manager "
    "management|teach teacher|research researcher|write writer|invest investor investment|employ employee "
    "employer employment|france french|spain spanish|italy italian|germany german|japan japanese|china "
    "chinese|korea korean|mexico mexican|canada canadian|brazil brazilian|england english british britain "
    "uk|ireland irish|scotland scottish|wales welsh|sweden swedish|norway norwegian|denmark "
    "danish|finland finnish|netherlands dutch holland|switzerland swiss|austria austrian|belgium "
    "belgian|poland polish|russia russian|ukraine ukrainian|greece greek|turkey turkish|portugal "
    "portuguese|india indian|thailand thai|vietnam vietnamese|philippines filipino|indonesia "
    "indonesian|australia australian|zealand zealander|egypt egyptian|morocco moroccan|kenya "
    "kenyan|nigeria nigerian|africa african|asia asian|europe european|america american usa|argentina "
    "argentinian|chile chilean|colombia colombian|peru peruvian|cuba cuban|hawaii hawaiian|texas "
    "texan|israel israeli|iran persian|arabia arab arabic|one 1 single|two 2 pair twice|three 3|four "
    "4|five 5|six 6|seven 7|eight 8|nine 9|ten 10|eleven 11|twelve 12 dozen|first 1st|second 2nd|third "
    "3rd|hundred 100|thousand 1000|jan january|feb february|mar march|apr april|jun june|jul july|aug "
    "august|sep sept september|oct october|nov november|dec december|tue tuesday|thu thursday|fri "
    "friday|hour hr hrs|minute min mins|second sec secs|week wk|month mo|year yr annual yearly|daily "
    "day|weekly week|monthly month|morning dawn|evening night tonight|noon midday|kilometer km "
    "kilometre|mile mi|kilogram kg kilo|pound lb lbs|meter metre|liter litre|percent percentage|decade "
    "ten|century hundred|weekend saturday sunday|fortnight week|annual yearly|frequent often "
    "regular|apartment flat condo|elevator lift|truck lorry|vacation holiday|autumn fall|gas petrol "
    "gasoline fuel|line queue|pants trousers jeans|cookie biscuit|fries chips|trash rubbish garbage "
    "waste|sidewalk pavement|store shop|cinema movie|soccer football|mom mum|diaper nappy|faucet "
    "tap|flashlight torch|freeway motorway highway|mail post|sweater jumper pullover|sneaker trainer|soda "
    "pop|candy sweets|stove oven cooker|zucchini courgette|eggplant aubergine|color colour|favor "
    "favour|labor labour|honor honour|humor humour|flavor flavour|center centre|theater theatre|fiber "
    "fibre|gray grey|catalog catalogue|dialog dialogue|program programme|check cheque|tire tyre|jewelry "
    "jewellery|mold mould|pajamas pyjamas|airplane aeroplane|aluminum aluminium|math maths|license "
    "licence|defense defence|organize organise|traveler traveller|pediatric paediatric";

}  // namespace

std::string_view word_families() noexcept {
  return families;
}

}  // namespace comem::search
