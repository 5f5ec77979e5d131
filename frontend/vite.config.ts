import { defineConfig } from "vite";

// The pages find the built files through the manifest (kindline/desk/assets.py).
export default defineConfig({
  base: "",
  build: {
    outDir: "../kindline/desk/static/desk/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: { style: "src/style.css", desk: "src/desk.ts", pages: "src/pages.ts" } },
  },
});
