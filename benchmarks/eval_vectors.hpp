#pragma once
// Vectors for the memories and queries of a data set: of a model, from a file, or made without a model, to
// see what fusion makes of vectors that are good or bad in known ways.

#include <string>
#include <unordered_map>
#include <vector>

#include "benchmarks/eval_data.hpp"

namespace comem::bench {

struct EvalVectors {
  std::size_t dimensions = 0;
  std::unordered_map<std::string, std::vector<float>> memories;  ///< by id; unit length is not needed
  std::unordered_map<std::string, std::vector<float>> queries;   ///< by id
};

/// The kinds that made_vectors() knows.
///   random        no meaning at all
///   ngrams        hashed n-grams of 3 to 5 characters
///   cooccurrence  sums of words' contexts (random indexing): what a poor model gives
///   lsa           latent semantic analysis of the texts
/// and from the judgements, with noise, so that their quality is known: useful, equal, better and best, in
/// the order of quality (how good exactly depends on the data). By itself their errors are random; with
/// "-sessions" behind the name they choose wrongly within the right session, with "-texts" they are drawn
/// towards similar texts, as a model is.
const std::vector<std::string>& vector_kinds();

/// The same on every call.
EvalVectors made_vectors(const std::string& kind, const EvalData& data);

/// Lines of JSON, {"memory": ID, "vector": [NUMBERS]} and {"query": ID, "vector": [NUMBERS]}, all of one
/// length. What has no vector is not found by it. Throws Error(invalid_argument) naming the line.
EvalVectors read_vectors(const std::string& path);

}  // namespace comem::bench
