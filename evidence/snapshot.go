// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"

	"sextant/register"
)

// On gives the machine data of the very snapshot a view reads, so that entries
// and observations on one page belong to one moment.
func On(v *register.View) (Reader, error) {
	r, ok := v.Beneath().(Reader)
	if !ok {
		return nil, fmt.Errorf("this store keeps no machine data")
	}
	return r, nil
}
