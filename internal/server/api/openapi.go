// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strings"

	"sextant/register"
)

// object is a JSON object of the OpenAPI document.
type object = map[string]any

func (a *api) openAPI(w http.ResponseWriter, _ *http.Request) {
	if err := writeJSON(w, http.StatusOK, Document(a.Kernel.Set(), a.Version)); err != nil {
		logInternal(err)
	}
}

// Document describes the API in OpenAPI 3.1, made from the declarations: a
// field added to a register is here without another change.
func Document(set *register.Set, version string) map[string]any {
	schemas := object{"Problem": problemSchema(), "Report": object{"type": "object", "description": "What a change of many entries did, row by row."}}
	paths := object{}
	for _, def := range set.All() {
		schemas[schemaName(def)] = fieldsSchema(def.Fields)
		schemas[schemaName(def)+"Entry"] = entrySchema(def)
		addPaths(paths, def)
	}
	paths["/api/v1/search"] = object{"get": operation("search", "Search the present of every register", nil, "", param("q", "query", "words, all of them"))}
	paths["/api/v1/batches/{batch}/undo"] = object{"post": operation("undoBatch", "Take a bulk change back", nil, "Report", param("batch", "path", "name of the batch"))}
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": "Sextant", "version": version, "description": "Every register of the management system as a resource.", "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"paths":   paths,
		"components": object{"schemas": schemas, "securitySchemes": object{
			"token": object{"type": "http", "scheme": "bearer"}, "session": object{"type": "apiKey", "in": "cookie", "name": "sextant_session"}}},
		"security": []any{object{"token": []any{}}, object{"session": []any{}}},
		"servers":  []any{object{"url": "/"}},
	}
}

func schemaName(def *register.Definition) string {
	name := ""
	for part := range strings.SplitSeq(def.Name, "_") {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	return name
}

func addPaths(paths object, def *register.Definition) {
	base, name := "/api/v1/"+def.Plural, schemaName(def)
	key := param("key", "path", "key, such as "+def.Prefix+"-1")
	asOf := param("as_of", "query", "RFC 3339: read this past moment")
	write := object{"type": "object", "properties": object{"key": object{"type": "string"}, "fields": ref(name), "reason": object{"type": "string"}}}
	list := []object{param("filter", "query", "field=value, repeated"), param("order", "query", "field, - before it turns round"),
		param("after", "query", "cursor of the page before"), param("limit", "query", "1 to 500"), param("search", "query", "words"), param("count", "query", "count too"), asOf}
	paths[base] = object{
		"get":  operation("list"+name, "List "+def.Titles, nil, name+"Entry", list...),
		"post": operation("create"+name, "Create "+def.Title, write, name+"Entry"),
	}
	paths[base+"/{key}"] = object{
		"get":    operation("get"+name, "One "+def.Title, nil, name+"Entry", key, asOf),
		"patch":  operation("edit"+name, "Change fields; null clears, what is absent stays", write, name+"Entry", key, param("If-Match", "header", "the version you saw")),
		"delete": operation("delete"+name, "Leave a tombstone", nil, "", key, param("If-Match", "header", "the version you saw")),
	}
	paths[base+"/{key}/history"] = object{"get": operation("history"+name, "Versions with what each changed", nil, "", key, asOf)}
	paths[base+"/{key}/versions/{version}"] = object{"get": operation("version"+name, "One version", nil, name+"Entry", key, param("version", "path", "number"))}
	paths[base+"/{key}/links"] = object{"get": operation("links"+name, "What it points at and what points at it", nil, "", key, asOf)}
	paths[base+"/{key}/undo"] = object{"post": operation("undo"+name, "Fields of an earlier version as a new one", write, name+"Entry", key, param("to", "query", "version"))}
	paths[base+"/{key}/files"] = object{"post": operation("attach"+name, "Attach a file (multipart, part file)", nil, "", key)}
	paths[base+"/groups"] = object{"get": operation("group"+name, "Counts by the value of a field", nil, "", append(list, param("by", "query", "field"))...)}
	paths[base+"/bulk"] = object{"post": operation("bulk"+name, "Change every entry of a list", object{"type": "object"}, "Report")}
	paths[base+"/export"] = object{"get": operation("export"+name, "Exactly the filtered list as a file", nil, "", append(list, param("format", "query", "xlsx, csv or json"))...)}
	paths[base+"/import"] = object{"post": operation("import"+name, "A file of rows; dry_run=true shows each row's fate", nil, "Report", param("format", "query", "xlsx, csv or json"), param("dry_run", "query", "true changes nothing"))}
	for _, t := range def.Lifecycle.Transitions {
		paths[base+"/{key}/transitions/"+t.Name] = object{"post": operation(t.Name+name, t.Label, write, name+"Entry", key)}
	}
}

func operation(id, summary string, body object, answer string, parameters ...object) object {
	content := object{"application/json": object{"schema": object{"type": "object"}}}
	if answer != "" {
		content = object{"application/json": object{"schema": ref(answer)}}
	}
	op := object{"operationId": id, "summary": summary, "responses": object{
		"2XX":     object{"description": "done", "content": content},
		"default": object{"description": "refused, with what is wrong and what to do", "content": object{"application/problem+json": object{"schema": ref("Problem")}}},
	}}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if body != nil {
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": body}}}
	}
	return op
}

func param(name, in, description string) object {
	return object{"name": name, "in": in, "description": description, "required": in == "path", "schema": object{"type": "string"}}
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func problemSchema() object {
	text := object{"type": "string"}
	return object{"type": "object", "description": "RFC 9457", "required": []string{"title", "status", "code"}, "properties": object{
		"type": text, "title": text, "status": object{"type": "integer"}, "detail": text, "code": text, "field": text, "hint": text,
		"errors": object{"type": "array", "items": object{"type": "object"}}}}
}

func entrySchema(def *register.Definition) object {
	text := object{"type": "string"}
	states := make([]string, len(def.Lifecycle.States))
	for i, s := range def.Lifecycle.States {
		states[i] = s.Name
	}
	return object{"type": "object", "description": def.Purpose, "properties": object{
		"key": text, "register": object{"const": def.Name}, "title": text, "version": object{"type": "integer"},
		"state": object{"type": "string", "enum": states}, "fields": ref(schemaName(def)),
		"changed_at": object{"type": "string", "format": "date-time"}, "changed_by": text, "created_at": object{"type": "string", "format": "date-time"},
		"change_reason": text, "seq": object{"type": "integer"}, "erased": object{"type": "boolean"},
		"hidden": object{"type": "array", "items": text}, "titles": object{"type": "object", "additionalProperties": text}}}
}

func fieldsSchema(fields []register.Field) object {
	properties, required := object{}, []string{}
	for _, f := range fields {
		properties[f.Key] = fieldSchema(f)
		if f.Required && f.Default == nil {
			required = append(required, f.Key)
		}
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		schema["x-required-to-create"] = required
	}
	return schema
}

func fieldSchema(f register.Field) object {
	one := object{"type": []string{"string", "null"}}
	switch f.Kind {
	case register.Enum:
		names := make([]any, len(f.Values))
		for i, v := range f.Values {
			names[i] = v.Name
		}
		one["enum"] = append(names, nil)
	case register.Date:
		one["format"] = "date"
	case register.DateTime:
		one["format"] = "date-time"
	case register.Duration:
		one["format"] = "duration"
	case register.Number, register.Percent, register.Scale:
		one = object{"type": []string{"number", "null"}}
	case register.Bool:
		one = object{"type": []string{"boolean", "null"}}
	case register.File:
		one = object{"type": []string{"object", "null"}, "readOnly": true}
	case register.Secret:
		one["writeOnly"] = true
	case register.Rows:
		return object{"type": "array", "title": f.Label, "items": fieldsSchema(f.Fields)}
	}
	if f.Many {
		one = object{"type": []string{"array", "null"}, "items": one}
	}
	one["title"] = f.Label
	if f.Help != "" {
		one["description"] = f.Help
	}
	if f.To != "" {
		one["x-points-at"] = f.To
	}
	if f.Derived {
		one["readOnly"] = true
	}
	return one
}
