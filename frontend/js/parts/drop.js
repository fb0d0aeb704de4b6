// Upload: drop a file or choose one; the send shows its progress, the answer takes over.
export function drop() {
  return {
    init() {
      const form = this.$el;
      this.input = form.querySelector("[data-drop-input], input[type=file]");
      this.bar = form.querySelector("[data-drop-progress]");
      this.name = form.querySelector("[data-drop-name]");
      form.addEventListener("dragover", (event) => {
        event.preventDefault();
        form.classList.add("is-over");
      });
      form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("is-over"));
      form.addEventListener("drop", (event) => this.onDrop(event));
      this.input.addEventListener("change", () => this.chosen());
      form.addEventListener("htmx:xhr:progress", (event) => this.onProgress(event.detail));
      form.addEventListener("htmx:afterRequest", () => this.bar && (this.bar.hidden = true));
    },
    onDrop(event) {
      event.preventDefault();
      this.$el.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      this.input.files = event.dataTransfer.files;
      this.chosen();
    },
    chosen() {
      const file = this.input.files[0];
      this.$el.classList.toggle("is-ready", Boolean(file));
      if (this.name) this.name.textContent = file ? `${file.name} · ${(file.size / 2 ** 20).toFixed(1)} MB` : "";
      if (file && "dropSend" in this.$el.dataset) this.$el.requestSubmit();
    },
    onProgress({ loaded, total }) {
      if (!this.bar || !total) return;
      this.bar.hidden = false;
      this.bar.value = Math.round((loaded / total) * 100);
    },
  };
}
