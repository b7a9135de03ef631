# The endpoint of the former VPC belongs to the network team now.
removed {
  from = aws_vpc_endpoint.s3

  lifecycle {
    destroy = false
  }
}
