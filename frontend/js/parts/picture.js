// A chart as a picture: its drawing on the card's ground, twice as fine as the screen, with its heading as file name.

function ground(element) {
  return getComputedStyle(element.closest(".card") ?? document.body).backgroundColor;
}

/** Turns an SVG drawing into a PNG and hands it to the browser as a download. */
async function save(drawing, name, colour) {
  const box = drawing.getBoundingClientRect();
  const copy = drawing.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  const source = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(box.width * 2);
  canvas.height = Math.round(box.height * 2);
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(source);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${name}.png`;
  link.click();
}

/** Listens for the buttons of charts. */
export function startPictures() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    const drawing = button?.closest(".tile")?.querySelector(".chart-stage svg");
    if (drawing) save(drawing, button.dataset.picture, ground(drawing));
  });
}
