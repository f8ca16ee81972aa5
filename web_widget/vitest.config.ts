import { defineConfig } from "vitest/config";

// The lines that guard and mask are both held to are in the repository's tests/.
export default defineConfig({
  server: { fs: { allow: [".."] } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"], css: false },
});
