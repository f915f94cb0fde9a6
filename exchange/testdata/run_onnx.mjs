// Runs every NAME.onnx of a folder on the rows of x.json there, and prints the outputs as JSON, by name.
//   node run_onnx.mjs FOLDER NODE_MODULES
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const [folder, modules] = process.argv.slice(2);
const ort = createRequire(join(modules, "x.js"))("onnxruntime-web");
ort.env.wasm.numThreads = 1;
const { rows, data } = JSON.parse(readFileSync(join(folder, "x.json")));
const x = new ort.Tensor("float32", Float32Array.from(data), [rows, data.length / rows]);
const out = {};
for (const file of readdirSync(folder).filter((f) => f.endsWith(".onnx"))) {
	const session = await ort.InferenceSession.create(readFileSync(join(folder, file)));
	const { output } = await session.run({ input: x });
	out[file.slice(0, -5)] = Array.from(output.data);
}
process.stdout.write(JSON.stringify(out));
