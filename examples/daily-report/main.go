// SPDX-License-Identifier: Apache-2.0

// Started by a schedule: asks a service for yesterday's figures, writes them as CSV, and passes the sums on.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type order struct {
	Region string `json:"region"`
	Team   string `json:"team"`
	Retry  int    `json:"retry"`
}

type figures struct {
	Status string `json:"status"`
	Items  []int  `json:"items"`
}

var service = os.Getenv("FIGURES_URL")

func fetch(day, region string) (figures, error) {
	var found figures
	answer, err := http.Get(fmt.Sprintf("%s/figures/%s?region=%s", service, day, region))
	if err != nil {
		return found, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal(text, &found)
}

func write(path string, found figures) (int, error) {
	out, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	rows, sum := csv.NewWriter(out), 0
	for number, value := range found.Items {
		sum += value
		if err := rows.Write([]string{strconv.Itoa(number), strconv.Itoa(value)}); err != nil {
			return 0, err
		}
	}
	rows.Flush()
	return sum, rows.Error()
}

func handle(_ context.Context, event events.CloudWatchEvent) (map[string]any, error) {
	var wanted order
	if err := json.Unmarshal(event.Detail, &wanted); err != nil {
		return nil, err
	}
	day := event.Time.AddDate(0, 0, -1).Format("2006-01-02")
	found, err := fetch(day, wanted.Region)
	if err != nil {
		return nil, err
	}
	path := "/tmp/report-" + day + ".csv"
	sum, err := write(path, found)
	if err != nil {
		return nil, err
	}
	if wanted.Retry > 0 {
		os.Rename(path, path+"."+strconv.Itoa(wanted.Retry))
	}
	text, _ := json.Marshal(map[string]any{"team": wanted.Team, "sum": sum})
	answer, err := http.Post(service+"/sums", "application/json", bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	return map[string]any{"day": day, "sum": sum, "status": answer.StatusCode}, nil
}

func main() {
	lambda.Start(handle)
}
