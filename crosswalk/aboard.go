// SPDX-License-Identifier: Apache-2.0

package crosswalk

import (
	"sync"

	"sextant/framework"
)

// aboard are the frameworks that come with the program, without their nodes.
var aboard = sync.OnceValue(func() (list []framework.Tree) {
	for _, s := range framework.Standards() {
		t, _ := framework.TreeOf(s.ID)
		list = append(list, t)
	}
	list = append(list, framework.MappedTrees()...)
	for i := range list {
		list[i].Nodes = nil
	}
	return list
})
