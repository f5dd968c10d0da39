package export

import (
	"bytes"
	"errors"

	"github.com/xuri/excelize/v2"
)

// ReadXLSX returns the rows of the first sheet of a spreadsheet, with values as they are kept. Unpacked, the sheet has
// at most so many bytes.
func ReadXLSX(raw []byte, most int64) (rows [][]string, err error) {
	o := excelize.Options{RawCellValue: true, UnzipSizeLimit: 2 * most, UnzipXMLSizeLimit: most}
	f, err := excelize.OpenReader(bytes.NewReader(raw), o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, nil
	}
	return f.GetRows(sheets[0], o)
}
