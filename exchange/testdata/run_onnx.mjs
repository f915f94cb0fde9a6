// Runs every NAME.onnx of a folder on the rows of x.json there, and on NAME's codes where it takes some, and prints the outputs as
// JSON, by name.
//   node run_onnx.mjs FOLDER NODE_MODULES
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const [folder, modules] = process.argv.slice(2);
const ort = createRequire(join(modules, "x.js"))("onnxruntime-web");
ort.env.wasm.numThreads = 1;
const { rows, data, codes } = JSON.parse(readFileSync(join(folder, "x.json")));
const x = new ort.Tensor("float32", Float32Array.from(data), [rows, data.length / rows]);
const out = {};
for (const file of readdirSync(folder).filter((f) => f.endsWith(".onnx"))) {
	const session = await ort.InferenceSession.create(readFileSync(join(folder, file)));
	const name = file.slice(0, -5);
	const feeds = {};
	if (session.inputNames.includes("input")) feeds.input = x;
	if (session.inputNames.includes("codes")) {
		feeds.codes = new ort.Tensor("int64", BigInt64Array.from(codes[name], BigInt), [rows, codes[name].length / rows]);
	}
	const { output } = await session.run(feeds);
	out[name] = Array.from(output.data);
}
process.stdout.write(JSON.stringify(out));
