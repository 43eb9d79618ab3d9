// SPDX-License-Identifier: Apache-2.0

// Texts that are posted come back in one zip file; a zip file that is posted comes back as a list of what is in it, unpacked
// to /tmp on the way. The names in it are used as they come: the mistake in this one.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type file struct {
	Name string `json:"name"`
	Text string `json:"text,omitempty"`
	Size int64  `json:"size,omitempty"`
}

func pack(files []file) (string, error) {
	out, err := os.CreateTemp("/tmp", "pack-*.zip")
	if err != nil {
		return "", err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	archive := zip.NewWriter(out)
	for _, each := range files {
		entry, err := archive.Create(each.Name)
		if err != nil {
			return "", err
		}
		if _, err = io.WriteString(entry, each.Text); err != nil {
			return "", err
		}
	}
	if err = archive.Close(); err != nil {
		return "", err
	}
	data, err := os.ReadFile(out.Name())
	return base64.StdEncoding.EncodeToString(data), err
}

func unpackOne(folder string, entry *zip.File) (file, error) {
	path := filepath.Join(folder, entry.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return file{}, err
	}
	in, err := entry.Open()
	if err != nil {
		return file{}, err
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return file{}, err
	}
	defer out.Close()
	size, err := io.Copy(out, io.LimitReader(in, 1<<20))
	return file{Name: entry.Name, Size: size}, err
}

func unpack(data []byte) ([]file, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("/tmp", "unpack-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	found := []file{}
	for _, entry := range archive.File {
		one, err := unpackOne(folder, entry)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func handle(_ context.Context, request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	if request.IsBase64Encoded {
		data, err := base64.StdEncoding.DecodeString(request.Body)
		if err != nil {
			return events.APIGatewayProxyResponse{StatusCode: 400, Body: err.Error()}, nil
		}
		found, err := unpack(data)
		if err != nil {
			return events.APIGatewayProxyResponse{StatusCode: 422, Body: err.Error()}, nil
		}
		text, err := json.Marshal(found)
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(text)}, err
	}
	var files []file
	if err := json.Unmarshal([]byte(request.Body), &files); err != nil {
		return events.APIGatewayProxyResponse{StatusCode: 400, Body: err.Error()}, nil
	}
	packed, err := pack(files)
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: packed, IsBase64Encoded: true}, err
}

func main() {
	lambda.Start(handle)
}
