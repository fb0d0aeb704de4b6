// A file as a field of a form: sent when it is chosen, the form carries what it is known by.
export function filefield() {
  return {
    init() {
      const box = this.$el;
      const [value, input] = box.querySelectorAll("input");
      const [name, remove, bar, problem] = ["span", "button", "progress", "p"].map((tag) => box.querySelector(tag));
      const show = (text) => {
        name.textContent = text;
        remove.hidden = !value.value;
      };
      show(name.textContent);
      remove.addEventListener("click", () => {
        value.value = "";
        input.value = "";
        show("");
      });
      input.addEventListener("change", () => {
        const file = input.files[0];
        if (!file) return;
        const body = new FormData();
        body.append("file", file);
        const call = new XMLHttpRequest();
        call.open("POST", box.dataset.keep);
        call.setRequestHeader("X-CSRFToken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
        call.responseType = "json";
        call.upload.addEventListener("progress", (event) => {
          bar.hidden = false;
          bar.value = Math.round((event.loaded / event.total) * 100);
        });
        call.addEventListener("loadend", () => {
          bar.hidden = true;
          const answer = call.response;
          problem.hidden = call.status === 201;
          if (call.status === 201) {
            value.value = answer.value;
            show(answer.name);
          } else problem.textContent = answer?.error ?? call.statusText;
          input.value = "";
          value.dispatchEvent(new Event("input", { bubbles: true }));
        });
        call.send(body);
      });
    },
  };
}
