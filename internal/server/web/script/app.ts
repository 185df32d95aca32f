// What makes the pages quicker for people with a script. Every page works
// without it: each module looks for marks (data-…) in the page and adds to
// what plain links and forms do already.
import "htmx.org";
import { popups } from "./popup";

popups(document);
