package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/spf13/cobra"

	"vitrine/web/api"
)

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API's description (OpenAPI 3.1), without starting anything",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := api.New(api.Config{Version: "1"})
			if err != nil {
				return err
			}
			w := httptest.NewRecorder()
			a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/openapi.json", nil))
			if w.Code != http.StatusOK {
				return fmt.Errorf("the description could not be made: %d", w.Code)
			}
			_, err = w.Body.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
}
