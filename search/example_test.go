package search_test

import (
	"errors"
	"fmt"

	"vitrine/search"
)

// A syntax error says where it is and what was probably meant.
func ExampleParse() {
	_, err := search.Parse("shoe statu:approved", search.Env{})
	var e *search.SyntaxError
	fmt.Println(errors.As(err, &e), e.Pos, e.Len)
	_, err = search.Parse(`"red shoe" status:approved width:>1000 -tag:archive`, search.Env{})
	fmt.Println(err)
	// Output:
	// true 5 5
	// <nil>
}
