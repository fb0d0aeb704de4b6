// Upload: drop a file or choose one; the send shows its progress, the answer takes over.
export function drop() {
  return {
    init() {
      const form = this.$el;
      this.inputs = [...form.querySelectorAll("[data-drop-input], input[type=file]")];
      this.bar = form.querySelector("[data-drop-progress]");
      this.name = form.querySelector("[data-drop-name]");
      form.addEventListener("dragover", (event) => {
        event.preventDefault();
        form.classList.add("is-over");
      });
      form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("is-over"));
      form.addEventListener("drop", (event) => this.onDrop(event));
      for (const input of this.inputs) input.addEventListener("change", () => this.chosen(input));
      form.addEventListener("htmx:xhr:progress", (event) => this.onProgress(event.detail));
      form.addEventListener("htmx:afterRequest", () => this.bar && (this.bar.hidden = true));
    },
    onDrop(event) {
      event.preventDefault();
      this.$el.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      this.inputs[0].files = event.dataTransfer.files;
      this.chosen(this.inputs[0]);
    },
    chosen(input) {
      const files = [...input.files];
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const names = files.map((file) => file.name).join(" · ");
      this.$el.classList.toggle("is-ready", files.length > 0);
      if (this.name) this.name.textContent = files.length ? `${names} · ${(size / 2 ** 20).toFixed(1)} MB` : "";
      if (files.length && "dropSend" in this.$el.dataset) this.$el.requestSubmit();
    },
    onProgress({ loaded, total }) {
      if (!this.bar || !total) return;
      this.bar.hidden = false;
      this.bar.value = Math.round((loaded / total) * 100);
    },
  };
}
