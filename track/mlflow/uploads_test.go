package mlflow

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// deleteBelow removes what a real bucket's Delete of a folder would.
func (m memory) deleteBelow(prefix string) {
	for p := range m {
		if strings.HasPrefix(p, prefix) {
			delete(m, p)
		}
	}
}

func TestUploadInParts(t *testing.T) {
	files := memory{}
	h := New(Services{Artifacts: files})
	send := func(method, path, body string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const mpu = "/api/2.0/mlflow-artifacts/mpu/"
	begin := func() (id string, urls []string) {
		t.Helper()
		w := send("POST", mpu+"create/0/r/artifacts", `{"path":"/home/ada/big.bin","num_parts":2}`)
		var reply struct {
			UploadID    string `json:"upload_id"`
			Credentials []struct {
				URL        string `json:"url"`
				PartNumber int    `json:"part_number"`
			} `json:"credentials"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || len(reply.Credentials) != 2 || reply.Credentials[1].PartNumber != 2 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, c := range reply.Credentials {
			urls = append(urls, c.URL)
		}
		return reply.UploadID, urls
	}
	id, urls := begin()
	if !strings.HasPrefix(urls[0], "http://example.com"+mpu+"part/") {
		t.Errorf("the address of a part is %s", urls[0])
	}
	second := send("PUT", urls[1], "world").Header().Get("ETag")
	first := send("PUT", urls[0], "hello ").Header().Get("ETag")
	part := func(n, tag string) string {
		b, err := json.Marshal(tag)
		if err != nil {
			t.Fatal(err)
		}
		return `{"part_number":` + n + `,"etag":` + string(b) + `}`
	}
	complete := func(parts ...string) *httptest.ResponseRecorder {
		return send("POST", mpu+"complete/0/r/artifacts", `{"path":"big.bin","upload_id":"`+id+`","parts":[`+strings.Join(parts, ",")+`]}`)
	}
	for name, parts := range map[string][]string{
		"no parts": {}, "a gap": {part("2", second)}, "another etag": {part("1", second)}, "a part that is not there": {part("1", first), part("3", "x")},
	} {
		if w := complete(parts...); w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := send("POST", mpu+"complete/0/other/artifacts", `{"path":"big.bin","upload_id":"`+id+`","parts":[`+part("1", first)+`]}`); w.Code != 400 {
		t.Errorf("completed as another artifact: %d", w.Code)
	}
	if w := complete(part("1", first), part("2", second)); w.Code != 200 || files["0/r/artifacts/big.bin"] != "hello world" {
		t.Errorf("%d %s %v", w.Code, w.Body, files)
	}
	files.deleteBelow(uploads) // Delete of a folder is the bucket's
	if w := send("PUT", urls[0], "late"); w.Code != 404 {
		t.Errorf("a part of a completed upload: %d", w.Code)
	}

	id, _ = begin()
	if w := send("POST", mpu+"abort/0/r/artifacts", `{"path":"big.bin","upload_id":"`+id+`"}`); w.Code != 200 {
		t.Errorf("abort: %d %s", w.Code, w.Body)
	}
	for _, bad := range []string{`{"path":"a/../..","num_parts":1}`, `{"path":"","num_parts":1}`, `{"path":"x","num_parts":0}`, `{"path":"x","num_parts":99999}`} {
		if w := send("POST", mpu+"create/0/r/artifacts", bad); w.Code != 400 {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	if w := send("POST", mpu+"create/.uploads/x", `{"path":"target"}`); w.Code != 400 {
		t.Errorf("an upload into the folder of uploads: %d", w.Code)
	}
}
