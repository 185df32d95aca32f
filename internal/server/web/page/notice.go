// SPDX-License-Identifier: Apache-2.0

package page

import (
	"sextant/internal/server/web/message"
	"sextant/notice"
	"sextant/register"
)

// Said is a notice in words.
type Said struct {
	Sentence string // what happened
	Body     string // what to do about it, "" for nothing
	Key      string // of the entry it is about
	Path     string // of its page, "" where it has none
}

// NoticeOf words a notice, with the title its entry has at the moment that is
// read.
func NoticeOf(v *register.View, n register.Of[notice.Notice]) Said {
	f := n.Fields
	args := []any{v.TitleOf("any", f.About), f.About}
	for _, value := range f.Filling() {
		args = append(args, value)
	}
	said := Said{Key: f.About, Sentence: message.Filled(v.Context(), "notice."+f.Kind, args...), Body: message.Filled(v.Context(), "notice."+f.Kind+".body", args...)}
	if said.Sentence == "" { // a kind this version of the program does not know
		said.Sentence = message.T(v.Context(), "notices.unknown", args[0])
	}
	if def, ok := v.Set().OfKey(f.About); ok {
		said.Path = "/" + def.Plural + "/" + f.About
	}
	return said
}
