/** Towns to find one's way by on the map: "name,latitude,longitude", in degrees, the best known first. */
const TOWNS = [
  `London,51.51,-0.13|Paris,48.86,2.35|New York,40.71,-74.01|Tokyo,35.68,139.69|Moscow,55.76,37.62|Cairo,30.04,31.24
   |São Paulo,-23.55,-46.63|Sydney,-33.87,151.21|Delhi,28.61,77.21|Beijing,39.90,116.41|Mexico City,19.43,-99.13
   |Lagos,6.52,3.38|Los Angeles,34.05,-118.24|Johannesburg,-26.20,28.05|Buenos Aires,-34.60,-58.38|Singapore,1.35,103.82
   |Vienna,48.21,16.37|Sapporo,43.06,141.35|Madrid,40.42,-3.70|Istanbul,41.01,28.98|Nairobi,-1.29,36.82|Anchorage,61.22,-149.90`,
  `Berlin,52.52,13.40|Rome,41.90,12.50|Salzburg,47.80,13.04|Munich,48.14,11.58|Stockholm,59.33,18.07|Warsaw,52.23,21.01|Kyiv,50.45,30.52
   |Lisbon,38.72,-9.14|Athens,37.98,23.73|Oslo,59.91,10.75|Helsinki,60.17,24.94|Dublin,53.35,-6.26|Barcelona,41.39,2.17
   |Chicago,41.88,-87.63|Toronto,43.65,-79.38|Vancouver,49.28,-123.12|San Francisco,37.77,-122.42|Miami,25.76,-80.19
   |Houston,29.76,-95.37|Denver,39.74,-104.99|Bogotá,4.71,-74.07|Lima,-12.05,-77.04|Santiago,-33.45,-70.67|Caracas,10.49,-66.88
   |Rio de Janeiro,-22.91,-43.17|Brasília,-15.79,-47.88|Havana,23.11,-82.37|Dakar,14.72,-17.47|Casablanca,33.57,-7.59
   |Algiers,36.75,3.06|Kinshasa,-4.44,15.27|Addis Ababa,9.02,38.75|Cape Town,-33.92,18.42|Antananarivo,-18.88,47.51
   |Tehran,35.69,51.39|Baghdad,33.31,44.36|Riyadh,24.71,46.68|Dubai,25.20,55.27|Karachi,24.86,67.01|Mumbai,19.08,72.88
   |Kolkata,22.57,88.36|Bangkok,13.76,100.50|Jakarta,-6.21,106.85|Manila,14.60,120.98|Hong Kong,22.32,114.17
   |Shanghai,31.23,121.47|Seoul,37.57,126.98|Osaka,34.69,135.50|Vladivostok,43.12,131.89|Novosibirsk,55.01,82.94
   |Perth,-31.95,115.86|Melbourne,-37.81,144.96|Brisbane,-27.47,153.03|Auckland,-36.85,174.76|Honolulu,21.31,-157.86|Reykjavík,64.15,-21.94`,
  `Innsbruck,47.27,11.40|Linz,48.31,14.29|Graz,47.07,15.44|Zürich,47.38,8.54|Milan,45.46,9.19|Prague,50.08,14.44
   |Budapest,47.50,19.04|Venice,45.44,12.32|Ljubljana,46.06,14.51|Zagreb,45.81,15.98|Stuttgart,48.78,9.18|Frankfurt,50.11,8.68
   |Hamburg,53.55,9.99|Amsterdam,52.37,4.90|Brussels,50.85,4.35|Copenhagen,55.68,12.57|Lyon,45.76,4.84|Marseille,43.30,5.37
   |Bordeaux,44.84,-0.58|Valencia,39.47,-0.38|Seville,37.39,-5.98|Porto,41.15,-8.61|Naples,40.85,14.27|Palermo,38.12,13.36
   |Belgrade,44.79,20.45|Bucharest,44.43,26.10|Sofia,42.70,23.32|Kraków,50.06,19.94|Minsk,53.90,27.57|Riga,56.95,24.11
   |Saint Petersburg,59.93,30.34|Edinburgh,55.95,-3.19|Manchester,53.48,-2.24|Bergen,60.39,5.32|Tromsø,69.65,18.96
   |Hakodate,41.77,140.73|Asahikawa,43.77,142.36|Kushiro,42.98,144.38|Obihiro,42.92,143.20|Sendai,38.27,140.87
   |Nagoya,35.18,136.91|Fukuoka,33.59,130.40|Hiroshima,34.39,132.46|Niigata,37.92,139.04|Busan,35.18,129.08|Taipei,25.03,121.57
   |Boston,42.36,-71.06|Washington,38.91,-77.04|Atlanta,33.75,-84.39|Dallas,32.78,-96.80|Seattle,47.61,-122.33|Montréal,45.50,-73.57
   |Winnipeg,49.90,-97.14|Monterrey,25.69,-100.32|Guadalajara,20.66,-103.35|Guatemala,14.63,-90.51|Panamá,8.98,-79.52|Quito,-0.18,-78.47
   |Medellín,6.24,-75.58|La Paz,-16.50,-68.15|Asunción,-25.26,-57.58|Montevideo,-34.90,-56.16|Córdoba,-31.42,-64.18|Recife,-8.05,-34.88
   |Manaus,-3.12,-60.02|Accra,5.60,-0.19|Abidjan,5.36,-4.01|Khartoum,15.50,32.56|Kampala,0.35,32.58|Luanda,-8.84,13.23
   |Lusaka,-15.39,28.32|Durban,-29.86,31.02|Tunis,36.81,10.18|Ankara,39.93,32.86|Tel Aviv,32.09,34.78|Tbilisi,41.72,44.79
   |Tashkent,41.30,69.24|Almaty,43.24,76.89|Kabul,34.53,69.17|Bengaluru,12.97,77.59|Chennai,13.08,80.27|Colombo,6.93,79.86
   |Dhaka,23.81,90.41|Hanoi,21.03,105.85|Chengdu,30.57,104.07|Wuhan,30.59,114.31|Ulaanbaatar,47.89,106.91|Irkutsk,52.29,104.28
   |Darwin,-12.46,130.84|Adelaide,-34.93,138.60|Wellington,-41.29,174.78|Christchurch,-43.53,172.64`,
  `Hallein,47.68,13.10|Bad Reichenhall,47.73,12.88|Traunstein,47.87,12.64|Bischofshofen,47.42,13.22|Zell am See,47.32,12.80
   |Bad Ischl,47.71,13.62|Braunau,48.26,13.03|Wels,48.16,14.02|Passau,48.57,13.45|Rosenheim,47.86,12.13|Kufstein,47.58,12.17
   |Villach,46.61,13.85|Klagenfurt,46.62,14.31|Bregenz,47.50,9.75|Nuremberg,49.45,11.08|Leipzig,51.34,12.37|Cologne,50.94,6.96
   |Basel,47.56,7.59|Geneva,46.20,6.15|Turin,45.07,7.69|Florence,43.77,11.26|Bologna,44.49,11.34|Trieste,45.65,13.78|Verona,45.44,10.99
   |Brno,49.20,16.61|Bratislava,48.15,17.11|Toulouse,43.60,1.44|Nantes,47.22,-1.55|Bilbao,43.26,-2.93|Zaragoza,41.65,-0.89
   |Málaga,36.72,-4.42|Otaru,43.19,140.99|Chitose,42.82,141.65|Tomakomai,42.63,141.61|Muroran,42.32,140.97|Iwamizawa,43.20,141.78
   |Kitami,43.80,143.89|Wakkanai,45.42,141.67|Abashiri,44.02,144.27|Nemuro,43.33,145.58|Aomori,40.82,140.75|Morioka,39.70,141.15`,
];

/**
 * Towns with how prominent they are: 0 for those that a map of the world shows, up to 3 for those of a region.
 * @type {{name: string, latitude: number, longitude: number, rank: number}[]}
 */
export const PLACES = TOWNS.flatMap((list, rank) =>
  list.split("|").map((town) => {
    const [name, latitude, longitude] = town.trim().split(",");
    return { name, latitude: Number(latitude), longitude: Number(longitude), rank };
  }),
);

/** Examples offered in the location dialog. */
export const EXAMPLES = ["Salzburg", "Sapporo", "Madrid", "Mexico City", "Nairobi"].map((name) => PLACES.find((place) => place.name === name));
