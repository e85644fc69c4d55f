module github.com/assay-ml/assay/bench/compare

go 1.26.0
