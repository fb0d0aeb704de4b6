// Everything a page needs at once; charts, boards and type-ahead come when a page has one.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { startBell } from "./parts/bell.js";
import { startBusy } from "./parts/busy.js";
import { dialogs, keys } from "./parts/dialogs.js";
import { startColumns } from "./parts/columns.js";
import { startCopy } from "./parts/copy.js";
import { drop } from "./parts/drop.js";
import { filefield } from "./parts/filefield.js";
import { chartcard, startFrame } from "./parts/frame.js";
import { grid } from "./parts/grid.js";
import { inbox } from "./parts/inbox.js";
import { startInlineEdit } from "./parts/inline.js";
import { startKeys } from "./parts/keys.js";
import { startLazy } from "./parts/lazy.js";
import { list } from "./parts/list.js";
import { look } from "./parts/look.js";
import { menu } from "./parts/menu.js";
import { mention } from "./parts/mention.js";
import { palette, searchbox } from "./parts/palette.js";
import { panel } from "./parts/panel.js";
import { plan } from "./parts/plan.js";
import { startPictures } from "./parts/picture.js";
import { splits } from "./parts/splits.js";
import { steps } from "./parts/steps.js";
import { tiles } from "./parts/tiles.js";
import { toasts } from "./parts/toasts.js";
import { startWall } from "./parts/wall.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages hold customers' data: nothing of them stays in the browser's storage
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409", swap: true }, // refusals and conflicts are answers to show
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});
window.htmx = htmx;

const components = { chartcard, dialogs, drop, filefield, grid, inbox, keys, list, look, mention, menu, palette, panel, plan, searchbox, splits, steps, tiles, toasts };
for (const [name, component] of Object.entries(components)) Alpine.data(name, component);
Alpine.data("frame", () => ({}));
Alpine.data("board", () => ({}));

startFrame();
startBell();
startBusy();
startLazy();
startInlineEdit();
startKeys();
startColumns();
startCopy();
startPictures();
startWall();
Alpine.start();
