package dam

// Analysis is what a version's picture looks like, in a form that can be searched and compared.
type Analysis struct {
	// PHash is the perceptual hash. The more bits differ between two hashes, the less similar the pictures are.
	PHash string `json:"phash" doc:"Perceptual hash, 16 hexadecimal digits; compare by the number of differing bits"`
	// Colors are the dominant colours, the largest share first; transparent pixels have none.
	Colors   []Color `json:"colors" nullable:"false" doc:"At most five dominant colours, the largest share first"`
	Blurhash string  `json:"blurhash" doc:"A blurred placeholder, as blurha.sh decodes it"`
}

// Color is a dominant colour of a picture.
type Color struct {
	Hex   string  `json:"hex" doc:"#rrggbb, sRGB"`
	Share float64 `json:"share" doc:"Of the picture's area, 0 to 1"`
	Name  string  `json:"name" doc:"The nearest named colour, as color: takes it"`
}
