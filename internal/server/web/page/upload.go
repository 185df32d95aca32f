// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Upload is a file somebody sent. It waits in the tray while they look at what it
// would do.
type Upload struct {
	Name    string
	Stored  string // names the file in the next request
	Content []byte
}

// mostInMemory of a form with files; what is more waits on disk while it is read.
const mostInMemory = 32 << 20

// Sent reads the files a form sends under a field, most bytes together. Where none
// was sent, the error is about that field. Rights are checked before, since a file
// of somebody who may write nothing is not worth reading.
func Sent(w http.ResponseWriter, r *http.Request, field string, most int64) ([]Upload, error) {
	if r.MultipartForm == nil {
		r.Body = http.MaxBytesReader(w, r.Body, most+(1<<20)) // and what stands around the files
	}
	err := r.ParseMultipartForm(mostInMemory)
	switch _, large := errors.AsType[*http.MaxBytesError](err); {
	case large:
		return nil, sextant.Errorf(sextant.TooLarge, "the file is larger than %d MiB", most>>20).At(field)
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return nil, sextant.Errorf(sextant.TooLarge, "these are too many files at once").At(field).WithHint("send fewer at a time")
	case err != nil || len(r.MultipartForm.File[field]) == 0:
		return nil, sextant.Errorf(sextant.Invalid, "no file was sent").At(field).WithHint("choose a file first")
	}
	var list []Upload
	for _, header := range r.MultipartForm.File[field] {
		content, err := contentOf(header)
		if err != nil {
			return nil, err
		}
		if most -= int64(len(content)); most < 0 {
			return nil, sextant.Errorf(sextant.TooLarge, "the files are larger than allowed together").At(field)
		}
		list = append(list, Upload{Name: register.SafeName(header.Filename), Content: content})
	}
	return list, nil
}

func contentOf(header *multipart.FileHeader) ([]byte, error) {
	part, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer part.Close()
	return io.ReadAll(part)
}

// Uploads keeps files between a request that sends them and the one that decides,
// for who sent them only. What nobody decided about goes by itself.
type Uploads interface {
	Put(ctx context.Context, org sextant.Organisation, person string, r io.Reader) (handle string, err error)
	Open(ctx context.Context, org sextant.Organisation, person, handle string) (io.ReadCloser, error)
}

func (s *Site) uploads() (Uploads, error) {
	if s.Uploads == nil {
		return nil, sextant.Errorf(sextant.Unavailable, "this installation takes no files")
	}
	return s.Uploads, nil
}

// Keep puts a file down for the requests to come.
func (s *Site) Keep(ctx context.Context, actor access.Actor, f *Upload) (err error) {
	tray, err := s.uploads()
	if err != nil {
		return err
	}
	f.Stored, err = tray.Put(ctx, actor.Organisation, actor.Name, bytes.NewReader(f.Content))
	return err
}

// Waiting gives back the files that were kept: the inputs prefix+"stored" and
// prefix+"name" of the form name them, most bytes together.
func (s *Site) Waiting(r *http.Request, actor access.Actor, prefix string, most int64) ([]Upload, error) {
	tray, err := s.uploads()
	if err != nil {
		return nil, err
	}
	stored, names := r.PostForm[prefix+"stored"], r.PostForm[prefix+"name"]
	var list []Upload
	for i, key := range stored {
		f := Upload{Stored: key}
		if i < len(names) {
			f.Name = names[i]
		}
		kept, err := tray.Open(r.Context(), actor.Organisation, actor.Name, key)
		if err != nil {
			return nil, err
		}
		f.Content, err = io.ReadAll(io.LimitReader(kept, most+1))
		if err := errors.Join(err, kept.Close()); err != nil {
			return nil, err
		}
		if most -= int64(len(f.Content)); most < 0 {
			return nil, sextant.Errorf(sextant.TooLarge, "the files are larger than allowed together")
		}
		list = append(list, f)
	}
	return list, nil
}

// Received gives the files of a request: those that were just sent under a field,
// which are kept for the tries to come, or those that wait.
func (s *Site) Received(w http.ResponseWriter, r *http.Request, actor access.Actor, field string, most int64) ([]Upload, error) {
	list, err := Sent(w, r, field, most)
	if err != nil && r.PostFormValue("stored") != "" {
		return s.Waiting(r, actor, "", most)
	}
	for i := range list {
		if err := s.Keep(r.Context(), actor, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, err
}
