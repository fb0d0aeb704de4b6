// A tile, or a whole dashboard, as a picture: what the page shows on its own ground, twice as fine as the screen.
import { showToast } from "./toasts.js";
import { word } from "./words.js";

const FINE = 2;
const SPACE = 16; // pixels around what is pictured

/** The styles of the page as text: a picture has no way to load them. */
async function styles() {
  const sheets = [...document.querySelectorAll("link[rel=stylesheet]")].map((link) => fetch(link.href).then((answer) => answer.text()));
  return (await Promise.all(sheets)).join("\n").replaceAll("]]>", "");
}

/** What is pictured, without the tools that only work on a screen. */
function copyOf(element) {
  const copy = element.cloneNode(true);
  for (const tool of copy.querySelectorAll(".tile-tools, .tile-grip, .tile-size, template, .visually-hidden")) tool.remove();
  copy.removeAttribute("id");
  return copy;
}

/** The drawing of an element as the text of an SVG. */
async function drawingOf(element, width, height, ground) {
  const root = document.documentElement;
  const body = document.createElement("div");
  body.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  body.setAttribute("style", `box-sizing:border-box;width:${width}px;height:${height}px;padding:${SPACE}px;background:${ground};color:${getComputedStyle(element).color};font:${getComputedStyle(document.body).font}`);
  body.append(copyOf(element));
  const text = new XMLSerializer().serializeToString(body);
  const theme = root.dataset.bsTheme === "dark" ? "dark" : "light";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" data-bs-theme="${theme}"><style><![CDATA[${await styles()}]]></style><foreignObject width="100%" height="100%">${text}</foreignObject></svg>`;
}

async function save(element, name) {
  const box = element.getBoundingClientRect();
  const width = Math.ceil(box.width) + 2 * SPACE;
  const height = Math.ceil(box.height) + 2 * SPACE;
  const ground = getComputedStyle(document.body).backgroundColor;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await drawingOf(element, width, height, ground))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * FINE;
  canvas.height = height * FINE;
  const pen = canvas.getContext("2d");
  pen.scale(FINE, FINE);
  pen.drawImage(image, 0, 0, width, height);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${name}.png`;
  link.click();
}

/** Listens for the buttons: of a tile, or of the page with `data-picture-of` naming what is pictured. */
export function startPictures() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    if (!button) return;
    const { picture, pictureOf } = button.dataset;
    const element = pictureOf ? document.querySelector(pictureOf) : button.closest(".tile");
    if (element) save(element, picture).catch(() => showToast({ text: word("failed"), tone: "red" }));
  });
}
