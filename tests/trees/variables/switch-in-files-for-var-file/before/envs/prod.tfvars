endpoints = ["s3"]
