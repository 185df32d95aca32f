// What makes the pages quicker for people with a script. Every page works
// without it: each module looks for marks (data-…) in the page and adds to
// what plain links and forms do already.
import { appearance, zones } from "./appearance";
import { arrange } from "./arrange";
import { celEditor } from "./celeditor";
import { compose } from "./compose";
import { editing } from "./editing";
import { focusMode } from "./focus";
import { forms } from "./forms";
import { grids } from "./grid";
import { judge } from "./judge";
import { keys } from "./keys";
import { copies } from "./copy";
import { levels } from "./levels";
import { live } from "./live";
import { palette } from "./palette";
import { popups } from "./popup";
import { statusGrid } from "./statusgrid";
import { toasts } from "./toast";
import { toggles } from "./toggles";

document.documentElement.dataset.script = "on";
copies(document);
popups(document);
forms(document);
toasts(document);
grids(document);
editing(document);
compose(document);
celEditor(document);
focusMode(document);
appearance(document);
zones(document);
arrange(document);
statusGrid(document);
toggles(document);
palette(document);
keys(document);
levels(document);
judge(document);
live(document);
