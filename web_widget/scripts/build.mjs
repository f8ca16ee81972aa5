// Builds dist/ byte for byte the same everywhere: two scripts, one style sheet, the frame's page.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";
import { build } from "vite";
import { numbersList, writeCrisis } from "./crisis.mjs";
import { writeGuard } from "./guard.mjs";

const room = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(room, "dist");
const budgets = { "embed.js": 4096, "chat.js": 15 * 1024, "guard.js": 4096 };

const bundle = (entry, name) => build({
  root: room, configFile: false, logLevel: "warn", publicDir: false,
  build: {
    outDir: dist, emptyOutDir: false, target: "es2022", cssTarget: ["chrome111", "safari16.4", "firefox115"], modulePreload: false, cssCodeSplit: false,
    rollupOptions: {
      input: join(room, "src", entry),
      output: { format: "iife", entryFileNames: `${name}.js`, assetFileNames: `${name}[extname]` },
    },
  },
});

/** Small, and only ASCII: a host page with another charset must not break the Danish. */
async function pack(name) {
  const file = join(dist, name);
  const options = { ecma: 2020, compress: { passes: 3, unsafe_arrows: true }, format: { ascii_only: true } };
  const { code } = await minify(readFileSync(file, "utf8"), options);
  writeFileSync(file, `${code}\n`);
}

function report(name) {
  const bytes = readFileSync(join(dist, name));
  const packed = gzipSync(bytes, { level: 9 }).length;
  const hash = createHash("sha384").update(bytes).digest("base64");
  console.log(`${name.padEnd(10)} ${String(bytes.length).padStart(6)} B  ${String(packed).padStart(6)} B gz  sha384-${hash}`);
  if (packed > budgets[name]) throw new Error(`${name}: ${packed} bytes gz is over the budget of ${budgets[name]}`);
}

writeCrisis();
writeGuard();
rmSync(dist, { recursive: true, force: true });
await bundle("launcher.ts", "embed");
await bundle("chat.ts", "chat");
await bundle("guard.ts", "guard");
for (const name of Object.keys(budgets)) await pack(name);
const page = readFileSync(join(room, "src/chat.html"), "utf8");
writeFileSync(join(dist, "chat.html"), page.replace("<!-- crisis-numbers -->", numbersList()));
copyFileSync(join(room, "demo/demo.css"), join(dist, "demo.css"));
Object.keys(budgets).forEach(report);
