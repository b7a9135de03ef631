endpoint_route_tables = ["rtb-public"] # zone a
