// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Model is the published description of one service, from the botocore that
// moto brings along.
type Model struct {
	Metadata struct {
		Protocol     string `json:"protocol"`
		TargetPrefix string `json:"targetPrefix"`
	} `json:"metadata"`
	Operations map[string]Operation `json:"operations"`
	Shapes     map[string]Shape     `json:"shapes"`
}

// Operation is one call of a service.
type Operation struct {
	HTTP struct {
		Method     string `json:"method"`
		RequestURI string `json:"requestUri"`
	} `json:"http"`
	Input  Reference `json:"input"`
	Output Reference `json:"output"`
}

// Reference names a shape, and how it is called on the wire.
type Reference struct {
	Shape        string `json:"shape"`
	LocationName string `json:"locationName"`
	Location     string `json:"location"`
	QueryName    string `json:"queryName"`
}

// Shape is a type of a model.
type Shape struct {
	Type     string               `json:"type"`
	Required []string             `json:"required"`
	Members  map[string]Reference `json:"members"`
	Member   Reference            `json:"member"`
	Value    Reference            `json:"value"`
	Enum     []string             `json:"enum"`
}

// folders maps the services of the connector's calls to folders of the models.
var folders = map[string]string{"elasticloadbalancing": "elbv2"}

// Models reads service models on demand.
type Models struct {
	folder string
	mu     sync.Mutex // guards read
	read   map[string]*Model
}

// FindModels looks for the models beside the Python that runs moto.
func FindModels() (*Models, error) {
	const ask = "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))"
	var pythons []string
	if binary, err := exec.LookPath(cmp.Or(os.Getenv(Binary), "moto_server")); err == nil {
		pythons = append(pythons, filepath.Join(filepath.Dir(binary), "python3"), filepath.Join(filepath.Dir(binary), "python"))
	}
	for _, python := range append(pythons, "python3", "python") {
		if out, err := exec.Command(python, "-c", ask).Output(); err == nil {
			return &Models{folder: strings.TrimSpace(string(out)), read: map[string]*Model{}}, nil
		}
	}
	return nil, errors.New("no Python with botocore, which brings AWS's service models")
}

// Of gives the model of a service.
func (m *Models) Of(service string) (*Model, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.read[service]; known != nil {
		return known, nil
	}
	folder := service
	if other := folders[service]; other != "" {
		folder = other
	}
	versions, err := filepath.Glob(filepath.Join(m.folder, folder, "*", "service-2.json*"))
	if err != nil || len(versions) == 0 {
		return nil, fmt.Errorf("no model of %s in %s: %w", service, m.folder, err)
	}
	slices.Sort(versions)
	model, err := readModel(versions[len(versions)-1])
	if err == nil {
		m.read[service] = model
	}
	return model, err
}

func readModel(path string) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if text, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	m := &Model{}
	return m, json.NewDecoder(text).Decode(m)
}

// signed maps the service names of signatures to those of the models.
var signed = map[string]string{"monitoring": "cloudwatch"}

var credential = regexp.MustCompile(`Credential=([^/]+)/[0-9]+/([^/]+)/([^/]+)/`)

// caller tells who sent a request, to which region and service.
func caller(r *http.Request) (key, region, service string) {
	m := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "", "", ""
	}
	service = m[3]
	if other := signed[service]; other != "" {
		service = other
	}
	if service == "s3" && strings.HasPrefix(r.URL.Path, "/v20180820/") {
		service = "s3control"
	}
	return m[1], m[2], service
}

// Operation tells which operation a request is, by the service's model.
func (m *Models) Operation(service string, r *http.Request, body []byte) (string, error) {
	model, err := m.Of(service)
	if err != nil {
		return "", err
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:], nil
	}
	if _, op, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return op, nil
	}
	if found := action.FindSubmatch(body); found != nil {
		return string(found[1]), nil
	}
	if id := r.URL.Query().Get("x-id"); id != "" {
		return id, nil
	}
	return model.byPath(r)
}

var action = regexp.MustCompile(`(?:^|&)Action=([A-Za-z]+)`)

func (m *Model) byPath(r *http.Request) (string, error) {
	best, most := "", -1
	for name, op := range m.Operations {
		path, query, _ := strings.Cut(op.HTTP.RequestURI, "?")
		if op.HTTP.Method != r.Method || !pathMatches(path, r.URL.Path) {
			continue
		}
		fixed := 2 * strings.Count(strings.ReplaceAll(path, "{", ""), "/")
		fixed -= strings.Count(path, "{")
		if query != "" {
			if key, _, _ := strings.Cut(query, "="); !r.URL.Query().Has(key) {
				continue
			}
			fixed += 10
		}
		if fixed > most || fixed == most && len(name) > len(best) {
			best, most = name, fixed
		}
	}
	if best == "" {
		return "", fmt.Errorf("no operation is %s %s", r.Method, r.URL.Path)
	}
	return best, nil
}

var label = regexp.MustCompile(`\{[^}]+\}`)

func pathMatches(template, path string) bool {
	parts := label.Split(strings.TrimSuffix(template, "/"), -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, "[^/]+") + "/?$").MatchString(path)
}
